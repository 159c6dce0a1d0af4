import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { CheckCircle2, ListChecks } from 'lucide-react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Progress } from './org-progress.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props {
  readonly sourceId: SourceId | null;
  readonly org: OrgSummary;
  readonly ask: AskOrg;
}

/** Picklist values that a row's record type does not have: a warning, for a picklist that is not restricted takes them. */
export function PicklistPanel({ sourceId, org, ask }: Props) {
  const backend = useBackend();
  const look = useMutation({
    mutationFn: () => ask.inOrg(({ planId }, signal) => backend.call('rehearsal.picklists', { planId }, { signal })),
  });
  const failure = look.error ? failureOf(look.error) : null;
  const found = look.data;
  return (
    <section className="panel" aria-labelledby="picklists-title">
      <h3 id="picklists-title">Picklist values by record type</h3>
      <p className="lead">
        Asks {org.name} which values the record types of your rows have. It only reads. Records that are there and whose
        record type your file does not name are left alone.
      </p>
      <Group mt="sm">
        {look.isPending ? (
          <Button variant="default" onClick={ask.stop}>
            Stop
          </Button>
        ) : (
          <Button variant="default" leftSection={<ListChecks size={16} aria-hidden />} onClick={() => look.mutate()}>
            Check picklists by record type
          </Button>
        )}
      </Group>
      {look.isPending && <Progress sourceId={sourceId} />}
      {failure && failure.code !== 'CANCELLED' && <FailurePanel failure={failure} />}
      {found?.conflicts.length === 0 && (
        <div className="notice answer" data-tone="create" role="status">
          <CheckCircle2 size={16} aria-hidden />
          <span>
            {plural(found.recordTypes, 'record type')}: every value fits. {plural(found.calls, 'API call')}.
          </span>
        </div>
      )}
      {found?.conflicts.map(({ field, fieldLabel, recordType, value, controlling, rows, firstRow }) => (
        <div key={`${field} ${recordType} ${value} ${controlling ?? ''}`} className="fix">
          <div className="grow">
            <div>
              <strong>{fieldLabel}</strong>: “{value}” is not for record type {recordType}
              {controlling === null ? '' : ` where the controlling value is “${controlling}”`}.
            </div>
            <div className="reason">
              {plural(rows, 'row')}, first row {number(firstRow)}. Salesforce refuses it where the picklist is
              restricted.
            </div>
          </div>
        </div>
      ))}
      {found && found.conflicts.length > 0 && <p className="lead">{plural(found.calls, 'API call')}.</p>}
    </section>
  );
}
