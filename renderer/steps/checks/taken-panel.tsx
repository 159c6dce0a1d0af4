import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CheckCircle2, Fingerprint } from 'lucide-react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { TakenValues } from '../../../shared/domain/rehearsal.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Progress } from './org-progress.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props {
  readonly sourceId: SourceId | null;
  /** Labels of the unique fields that are mapped. */
  readonly fields: readonly string[];
  readonly org: OrgSummary;
  readonly ask: AskOrg;
}

/** Values of unique fields that another record, or another row, has. */
export function TakenPanel({ sourceId, fields, org, ask }: Props) {
  const backend = useBackend();
  const look = useMutation({
    mutationFn: () => ask.inOrg(({ planId }, signal) => backend.call('rehearsal.unique', { planId }, { signal })),
  });
  const failure = look.error ? failureOf(look.error) : null;
  const found = look.data;
  return (
    <section className="panel" aria-labelledby="taken-title">
      <h3 id="taken-title">Values that must be unique</h3>
      <p className="lead">
        Looks in {org.name}, and among your rows, for values of {fields.join(', ')} that are taken. It only reads.
      </p>
      <Group mt="sm">
        {look.isPending ? (
          <Button variant="default" onClick={ask.stop}>
            Stop
          </Button>
        ) : (
          <Button variant="default" leftSection={<Fingerprint size={16} aria-hidden />} onClick={() => look.mutate()}>
            Look for taken values
          </Button>
        )}
      </Group>
      {look.isPending && <Progress sourceId={sourceId} />}
      {failure && failure.code !== 'CANCELLED' && <FailurePanel failure={failure} />}
      {found?.taken.length === 0 && (
        <div className="notice answer" data-tone="create" role="status">
          <CheckCircle2 size={16} aria-hidden />
          <span>No value is taken. {plural(found.calls, 'API call')}.</span>
        </div>
      )}
      {found?.taken.map((one) => (
        <Taken key={one.field} taken={one} />
      ))}
      {found && found.taken.length > 0 && <p className="lead">{plural(found.calls, 'API call')}.</p>}
    </section>
  );
}

function Taken({ taken: { fieldLabel, rows, examples } }: { readonly taken: TakenValues }) {
  return (
    <div className="fix" role="status">
      <div className="grow">
        <div>
          <strong>{fieldLabel}</strong>: {plural(rows, 'row')} with a value that is taken; Salesforce would refuse{' '}
          {rows === 1 ? 'it' : 'them'}.
        </div>
        {examples.map(({ row, value, by }) => (
          <div key={row} className="reason">
            Row {number(row)}: “{value}” is{' '}
            {by.kind === 'record' ? `in record ${by.id}` : `in row ${number(by.row)} as well`}
          </div>
        ))}
        {rows > examples.length && <div className="reason">and {plural(rows - examples.length, 'more row')}</div>}
      </div>
    </div>
  );
}
