import { Button } from '@mantine/core';
import { Wrench } from 'lucide-react';
import type { ColumnFix } from '../../../shared/domain/column-fix.ts';
import type { CheckReport, IssueCode } from '../../../shared/domain/field-issue.ts';
import { sentColumns, type ColumnMapping, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { plural } from '../../../shared/text/counts.ts';
import { fixText } from '../../../shared/text/fix-text.ts';
import { withoutFix, type ChangeColumn } from './problems.ts';

const TOLD_AS: Record<ColumnFix['kind'], IssueCode> = {
  round: 'NUMBER_ROUNDED',
  truncate: 'TEXT_CUT',
  fill: 'BLANK_FILLED',
  exclude: 'LEFT_OUT',
};

interface Done {
  readonly key: string;
  readonly column: number;
  readonly columnName: string;
  readonly text: string;
  readonly rows: number;
  readonly takeBack: (before: ColumnMapping) => ColumnMapping;
}

/** What a person had done to columns, with the rows that each touches in this file. */
function stepsOf(mapping: FieldMapping, report: CheckReport, nameOf: (column: number) => string): Done[] {
  return sentColumns(mapping).flatMap((column): Done[] => {
    const rowsOf = (code: IssueCode, value?: string) =>
      (value === undefined ? report.problems : report.groups)
        .filter((one) => one.column === column.column && one.code === code)
        .filter((one) => value === undefined || ('rawValue' in one && one.rawValue.trim() === value.trim()))
        .reduce((sum, { rows }) => sum + rows, 0);
    const common = { column: column.column, columnName: nameOf(column.column) };
    const replaced = Object.keys(column.replacements).length;
    return [
      ...(replaced === 0
        ? []
        : [
            {
              ...common,
              key: `${column.column} replace`,
              text: replacedText(column.replacements),
              rows: rowsOf('VALUE_REPLACED'),
              takeBack: (before: ColumnMapping) => ({ ...before, replacements: {} }),
            },
          ]),
      ...column.fixes.map((fix) => ({
        ...common,
        key: `${column.column} ${JSON.stringify(fix)}`,
        text: fixText(fix),
        rows: fix.kind === 'exclude' ? rowsOf('LEFT_OUT', fix.value) : rowsOf(TOLD_AS[fix.kind]),
        takeBack: (before: ColumnMapping) => withoutFix(before, fix),
      })),
    ];
  });
}

function replacedText(replacements: ColumnMapping['replacements']): string {
  const pairs = Object.entries(replacements);
  const [first] = pairs;
  if (pairs.length > 1 || !first) return `${plural(pairs.length, 'value')} replaced`;
  return first[1] === '' ? `“${first[0]}” removed` : `“${first[0]}” replaced with “${first[1]}”`;
}

/** Every fix as a step that can be taken back, and what it does to this file. */
export function StepsDone({
  mapping,
  report,
  nameOf,
  changeColumn,
}: {
  readonly mapping: FieldMapping;
  readonly report: CheckReport;
  readonly nameOf: (column: number) => string;
  readonly changeColumn: ChangeColumn;
}) {
  const steps = stepsOf(mapping, report, nameOf);
  if (steps.length === 0) return null;
  return (
    <section className="panel" aria-label="Your fixes">
      <h3>Your fixes</h3>
      <p className="lead">Saved with the mapping and applied to the next file with these columns.</p>
      {steps.map(({ key, column, columnName, text, rows, takeBack }) => (
        <div key={key} className="fix">
          <Wrench size={16} aria-hidden />
          <div className="grow">
            <strong>{columnName}</strong> · {text} <span className="sum">({plural(rows, 'row')})</span>
          </div>
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`Take back: ${columnName}, ${text}`}
            onClick={() => changeColumn(column, takeBack)}
          >
            Take back
          </Button>
        </div>
      ))}
    </section>
  );
}
