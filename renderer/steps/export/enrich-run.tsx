import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { canFindBy, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn, SourceSummary } from '../../../shared/domain/source-file.ts';
import type { SoqlQuery } from '../../../shared/soql/soql-query.ts';
import { columnLabel, plural } from '../../../shared/text/counts.ts';
import { foundText } from '../../../shared/text/export-text.ts';
import { failureOf, useBackend, useCall, useWork } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { ExportButtons, ExportFailed, ExportSaved } from './export-end.tsx';
import { useFileCall } from './use-file-call.ts';

interface Props {
  readonly org: OrgSummary;
  /** Null while there is no query that the builder can show. */
  readonly query: SoqlQuery | null;
}

/** Fields of records beside the keys of a file: which file, which of its columns, and what of the object the keys are. */
export function EnrichRun({ org: { orgId }, query }: Props) {
  const files = useCall('source.recent', {});
  const describe = useCall('orgs.describe', query ? { orgId, objectName: query.objectName } : null, { keep: true });
  const [fileId, setFileId] = useState<string | null>(null);
  const [chosen, setChosen] = useState<{ column?: number; keyField?: string }>({});
  const backend = useBackend();
  const run = useFileCall((input: Input<'enrich.file'>, signal) => backend.call('enrich.file', input, { signal }));
  const file = files.data?.find(({ sourceId }) => sourceId === fileId) ?? files.data?.[0];
  const work = useWork(file?.sourceId ?? null);
  if (files.error) return <FailurePanel failure={failureOf(files.error)} again={() => void files.refetch()} />;
  if (files.data?.length === 0)
    return <p className="lead">First open the file with the keys from home. Then come back here.</p>;
  const problem = problemOf(query);
  const keyFields = describe.data?.fields.filter(canFindBy) ?? [];
  const keyField = keyFields.find(({ name }) => name === (chosen.keyField ?? 'Id'));
  const column = file && (file.columns.find(({ index }) => index === chosen.column) ?? columnLike(file, keyField));
  return (
    <div className="export-run">
      <div className="export-choices" data-wide>
        <NativeSelect
          label="File with keys"
          value={file?.sourceId ?? ''}
          data={(files.data ?? []).map(({ sourceId, fileName }) => ({ value: sourceId, label: fileName }))}
          onChange={({ currentTarget: { value } }) => {
            setFileId(value);
            setChosen({ ...chosen, column: undefined });
          }}
        />
        <NativeSelect
          label="Key column"
          value={String(column?.index ?? '')}
          data={(file?.columns ?? []).map((one) => ({
            value: String(one.index),
            label: columnLabel(one.name, one.index),
          }))}
          onChange={({ currentTarget: { value } }) => setChosen({ ...chosen, column: Number(value) })}
        />
        <NativeSelect
          label="The keys are"
          disabled={keyField === undefined}
          value={keyField?.name ?? ''}
          data={keyFields.map(({ name, label }) => ({ value: name, label: `${label} (${name})` }))}
          onChange={({ currentTarget: { value } }) => setChosen({ ...chosen, keyField: value })}
        />
      </div>
      {describe.error && <FailurePanel failure={failureOf(describe.error)} again={() => void describe.refetch()} />}
      <p className="export-forecast" role="status">
        {problem ?? (file ? `${rowsOf(file)}, each with the chosen fields in front, in the order of the file.` : '')}
      </p>
      <ExportButtons
        isOff={problem !== null || !query || !file || !column || !keyField}
        isPending={run.isPending}
        cancel={run.cancel}
        start={() =>
          query &&
          file &&
          column &&
          keyField &&
          run.start({
            orgId,
            sourceId: file.sourceId,
            column: column.index,
            objectName: query.objectName,
            keyField: keyField.name,
            fields: [...query.fields],
            fileName: `${file.fileName.replace(/\.[^.]+$/, '')}-with-fields.csv`,
          })
        }
      />
      {run.isPending && (
        <p role="status">
          {work?.stage === 'fetching' && work.done > 0
            ? `Read ${plural(work.done, 'record')}…`
            : 'Waiting for the org…'}
        </p>
      )}
      {run.error && <ExportFailed error={run.error} />}
      {run.data && (
        <ExportSaved file={run.data.file}>
          {plural(run.data.rows, 'row')}: {foundText(run.data)}. {plural(run.data.apiCalls, 'API call')}.
        </ExportSaved>
      )}
    </div>
  );
}

/** What keeps a query from being one of fields alone. */
function problemOf(query: SoqlQuery | null): string | null {
  if (!query) return 'Choose an object and the fields you want.';
  const isNarrowed = query.filters.length > 0 || query.order.length > 0 || query.limit !== null;
  return isNarrowed ? 'The keys say which records: remove the conditions, the order, and the limit.' : null;
}

/** The column that is called like the field; without one the first. */
function columnLike(
  { columns }: SourceSummary,
  keyField: SObjectDescribe['fields'][number] | undefined,
): SourceColumn | undefined {
  const names = new Set([keyField?.name, keyField?.label].map((name) => name?.toLowerCase()));
  return columns.find(({ name }) => names.has(name.toLowerCase())) ?? columns[0];
}

function rowsOf({ state }: SourceSummary): string {
  return plural(state.kind === 'staged' ? state.rows : 0, 'row');
}
