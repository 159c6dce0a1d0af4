import { Button, Group } from '@mantine/core';
import { CircleHelp } from 'lucide-react';
import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import { ValueFormat } from '../../../shared/domain/field-mapping.ts';
import { formatEvidence, formatWord } from '../../../shared/text/mapping-issue-text.ts';
import type { ChangeColumn } from './problems.ts';

type Question = Extract<MappingIssue, { code: 'FORMAT_UNDECIDED' }>;

/** How one column is written: the evidence, and each reading as the button that chooses it. */
export function FormatQuestion({
  question,
  changeColumn,
}: {
  readonly question: Question;
  readonly changeColumn: ChangeColumn;
}) {
  const { column, columnName, format, open } = question;
  const choose = (choice: string) =>
    changeColumn(column, (before) => ({
      ...before,
      format: ValueFormat.parse({ ...before.format, [format]: choice }),
    }));
  return (
    <section className="notice" data-tone="warning" aria-label={`How ${columnName} is written`}>
      <CircleHelp size={16} aria-hidden />
      <div>
        <strong>
          {format === 'decimal'
            ? `How are the numbers in ${columnName} written?`
            : `How are the dates in ${columnName} written?`}
        </strong>
        <div>{formatEvidence(question)}</div>
        <Group gap={8} mt={8}>
          {Object.entries(open.readings).map(([choice, text]) => (
            <Button key={choice} size="compact-sm" variant="default" onClick={() => choose(choice)}>
              {open.text} is {text} ({formatWord(choice)})
            </Button>
          ))}
        </Group>
      </div>
    </section>
  );
}
