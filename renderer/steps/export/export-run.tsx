import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import { ExportFormat, ExportWay, type ExportForecast, type ExportForm } from '../../../shared/domain/export.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { Delimiter, type Writing } from '../../../shared/domain/source-file.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { exportForecastText, FORMAT_WORD, WAY_WORD } from '../../../shared/text/export-text.ts';
import { failureOf, useBackend, useCall, useWork } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { ExportButtons, ExportFailed, ExportSaved } from './export-end.tsx';
import { useFileCall } from './use-file-call.ts';

const DELIMITERS: readonly { value: Delimiter; label: string }[] = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Pipe' },
];

/** What CSV can be written in; where a character is missing, the file is in UTF-8, and that is said. */
const WRITINGS: Readonly<Record<string, { label: string; writing: Writing }>> = {
  plain: { label: 'UTF-8', writing: { encoding: 'utf-8', mark: false } },
  marked: { label: 'UTF-8 for Excel', writing: { encoding: 'utf-8', mark: true } },
  western: { label: 'Windows-1252', writing: { encoding: 'windows-1252', mark: false } },
};

interface Props {
  readonly org: OrgSummary;
  readonly soql: string;
  /** The text to count the records of; null for none. */
  readonly counted: string | null;
  readonly objectName: string | null;
  readonly isReady: boolean;
}

/** How many records there are, how they come, what they are written as, and the file. */
export function ExportRun({ org: { orgId }, soql, counted, objectName, isReady }: Props) {
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [delimiter, setDelimiter] = useState<Delimiter>(',');
  const [writing, setWriting] = useState('plain');
  const [way, setWay] = useState<ExportWay | null>(null);
  const forecast = useCall('export.forecast', counted === null ? null : { orgId, soql: counted });
  const ways = forecast.data?.ways ?? [];
  const chosen = way !== null && ways.length > 0 && !ways.some((one) => one.way === way) ? null : way;
  const form: ExportForm =
    format === 'csv' ? { format, delimiter, writing: (WRITINGS[writing] ?? WRITINGS['plain'])?.writing } : { format };
  const run = useExport();
  const isOff = !isReady || (forecast.data !== undefined && ways.length === 0);
  return (
    <div className="export-run">
      <ForecastLine
        isCounted={counted !== null}
        isBegun={soql.trim() !== ''}
        isReady={isReady}
        forecast={forecast.data}
        way={chosen}
      />
      {forecast.error && <FailurePanel failure={failureOf(forecast.error)} again={() => void forecast.refetch()} />}
      <div className="export-choices">
        <NativeSelect
          label="Format"
          value={format}
          data={ExportFormat.options.map((value) => ({ value, label: FORMAT_WORD[value] }))}
          onChange={({ currentTarget: { value } }) => setFormat(ExportFormat.parse(value))}
        />
        {format === 'csv' && (
          <>
            <NativeSelect
              label="Delimiter"
              value={delimiter}
              data={[...DELIMITERS]}
              onChange={({ currentTarget: { value } }) => setDelimiter(Delimiter.parse(value))}
            />
            <NativeSelect
              label="Encoding"
              value={writing}
              data={Object.entries(WRITINGS).map(([value, { label }]) => ({ value, label }))}
              onChange={({ currentTarget: { value } }) => setWriting(value)}
            />
          </>
        )}
        <NativeSelect
          label="How"
          value={chosen ?? ''}
          data={[
            { value: '', label: 'Automatic' },
            ...ExportWay.options.map((value) => ({
              value,
              label: WAY_WORD[value],
              disabled: ways.length > 0 && !ways.some((one) => one.way === value),
            })),
          ]}
          onChange={({ currentTarget: { value } }) => setWay(value === '' ? null : ExportWay.parse(value))}
        />
      </div>
      <ExportButtons
        isOff={isOff}
        isPending={run.isPending}
        cancel={run.cancel}
        start={() =>
          run.start({ orgId, soql, fileName: `${objectName ?? 'export'}.${format}`, form, ...wayOf(chosen, ways) })
        }
      />
      {run.isPending && <RunProgress orgId={orgId} total={forecast.data?.records ?? null} />}
      <RunEnd run={run} />
    </div>
  );
}

/** What was forecast is what happens; without a forecast the backend chooses. */
function wayOf(chosen: ExportWay | null, [first]: ExportForecast['ways']): { way?: ExportWay } {
  const way = chosen ?? first?.way;
  return way ? { way } : {};
}

interface ForecastProps {
  readonly isCounted: boolean;
  /** Whether there is any text of a query. */
  readonly isBegun: boolean;
  readonly isReady: boolean;
  readonly forecast: ExportForecast | undefined;
  readonly way: ExportWay | null;
}

function ForecastLine({ isCounted, isBegun, isReady, forecast, way }: ForecastProps) {
  const whatToDo = isBegun ? 'Correct the SOQL' : 'Choose an object, or write a query,';
  const counting = isCounted && forecast ? exportForecastText(forecast, way) : 'Counting records…';
  return (
    <p className="export-forecast" role="status">
      {isReady ? counting : `${whatToDo} to see how many records it finds.`}
    </p>
  );
}

function useExport() {
  const backend = useBackend();
  return useFileCall(async (input: Input<'export.query'>, signal) => {
    const exported = await backend.call('export.query', input, { signal });
    return { ...exported, asked: input.form ?? null };
  });
}

function RunProgress({ orgId, total }: { readonly orgId: string; readonly total: number | null }) {
  const work = useWork(orgId);
  const of = total === null ? '' : ` of ${number(total)}`;
  const said =
    work?.stage === 'writing'
      ? `Writing ${plural(work.total ?? 0, 'record')}…`
      : work && work.done > 0
        ? `Read ${number(work.done)}${of} records${work.rate === null ? '' : `, ${number(Math.round(work.rate))} a second`}…`
        : 'Waiting for the org…';
  return <p role="status">{said}</p>;
}

function RunEnd({ run: { data, error } }: { readonly run: ReturnType<typeof useExport> }) {
  if (error) return <ExportFailed error={error} />;
  if (!data) return null;
  const { records, way, file, writing, asked } = data;
  const other = asked?.format === 'csv' && asked.writing && writing && asked.writing.encoding !== writing.encoding;
  return (
    <ExportSaved file={file}>
      Exported {plural(records, 'record')} by {WAY_WORD[way]}.
      {other && ' Some characters aren’t in the encoding you chose, so the file is in UTF-8.'}
    </ExportSaved>
  );
}
