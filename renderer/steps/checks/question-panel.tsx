import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CheckCircle2, type LucideIcon } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import { plural } from '../../../shared/text/counts.ts';
import { failureOf } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Progress } from './org-progress.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props<Answer> {
  readonly sourceId: SourceId | null;
  readonly ask: AskOrg;
  readonly title: string;
  /** What is asked, and what is left alone. */
  readonly lead: ReactNode;
  readonly button: { readonly label: string; readonly icon: LucideIcon };
  /** What is chosen of the question, beside its button. */
  readonly options?: ReactNode;
  readonly question: (plan: LoadPlan, signal: AbortSignal) => Promise<Answer>;
  /** The same with a yes to more API calls than the settings allow, where that is asked about. */
  readonly anyway?: (plan: LoadPlan, signal: AbortSignal) => Promise<Answer>;
  /** Told of each answer. */
  readonly answered?: (answer: Answer) => void;
  /** What there is to tell of an answer; nothing where all is well. */
  readonly found: (answer: Answer) => readonly ReactNode[];
  /** Said where there is nothing to tell. */
  readonly allWell: (answer: Answer) => string;
}

/** A question to the org that only reads: asked by a button, stopped by it, and answered below. */
export function QuestionPanel<Answer extends { readonly calls: number }>(props: Props<Answer>) {
  const { sourceId, ask, title, lead, button, question, found, allWell, anyway, options, answered } = props;
  const titleId = useId();
  const look = useMutation({
    mutationFn: (asked: typeof question) => ask.inOrg(asked),
    onSuccess: (answer) => answer && answered?.(answer),
  });
  const failure = look.error ? failureOf(look.error) : null;
  const told = look.data ? found(look.data) : [];
  const Icon = button.icon;
  return (
    <section className="panel" aria-labelledby={titleId}>
      <h3 id={titleId}>{title}</h3>
      <p className="lead">{lead}</p>
      <Group mt="sm">
        {options}
        {look.isPending ? (
          <Button variant="default" onClick={ask.stop}>
            Stop
          </Button>
        ) : (
          <Button variant="default" leftSection={<Icon size={16} aria-hidden />} onClick={() => look.mutate(question)}>
            {button.label}
          </Button>
        )}
      </Group>
      {look.isPending && <Progress sourceId={sourceId} />}
      {failure && failure.code !== 'CANCELLED' && (
        <FailurePanel
          failure={failure}
          action={
            failure.code === 'API_BUDGET' && anyway
              ? { label: 'Ask anyway', run: () => look.mutate(anyway) }
              : undefined
          }
        />
      )}
      {look.data && told.length === 0 && (
        <div className="notice answer" data-tone="create" role="status">
          <CheckCircle2 size={16} aria-hidden />
          <span>
            {allWell(look.data)} {plural(look.data.calls, 'API call')}.
          </span>
        </div>
      )}
      {look.data && told.length > 0 && (
        <div className="told">
          {told}
          <p className="lead">{plural(look.data.calls, 'API call')}.</p>
        </div>
      )}
    </section>
  );
}
