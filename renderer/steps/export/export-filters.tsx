import { ActionIcon, Button, NativeSelect, Select, Textarea, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { FieldDescribe, SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SoqlFilter, SoqlQuery } from '../../../shared/soql/soql-query.ts';
import { exportable, fieldItem } from './export-fields.tsx';
import {
  COMPARISON_WORD,
  comparisonsOf,
  isList,
  shownComparison,
  shownValues,
  valuesOf,
  type ShownComparison,
} from './filter-value.ts';

export interface BuilderPartProps {
  readonly describe: SObjectDescribe;
  readonly query: SoqlQuery;
  readonly change: (query: SoqlQuery) => void;
}

/** A list with another one in a place; null takes what is there away. */
export function replaced<T>(all: readonly T[], index: number, one: T | null): T[] {
  return all.flatMap((before, at) => (at !== index ? [before] : one === null ? [] : [one]));
}

/** Which records are exported. */
export function ExportFilters({ describe, query, change }: BuilderPartProps) {
  const { filters, join } = query;
  const filterable = exportable(describe).filter(({ filterable: can }) => can);
  const first = filterable.find(({ nameField }) => nameField) ?? filterable[0];
  const set = (next: readonly SoqlFilter[]): void =>
    change({ ...query, filters: next, join: next.length > 1 ? join : 'AND' });
  return (
    <section aria-label="Conditions">
      <h3>Conditions</h3>
      {filters.length > 1 && (
        <NativeSelect
          aria-label="How conditions are combined"
          value={join}
          data={[
            { value: 'AND', label: 'Records that meet all conditions' },
            { value: 'OR', label: 'Records that meet any condition' },
          ]}
          onChange={({ currentTarget: { value } }) => change({ ...query, join: value === 'OR' ? 'OR' : 'AND' })}
        />
      )}
      {filters.map((filter, index) => (
        <FilterRow
          // What is typed and fits nowhere stays while its condition does.
          key={`${index} ${filter.field}`}
          number={index + 1}
          filter={filter}
          fields={filterable}
          change={(next) => set(replaced(filters, index, next))}
        />
      ))}
      <Button
        variant="default"
        size="compact-sm"
        disabled={first === undefined}
        onClick={() =>
          first && set([...filters, { field: first.name, comparison: '!=', values: [{ kind: 'bare', text: 'null' }] }])
        }
      >
        Add a condition
      </Button>
    </section>
  );
}

interface RowProps {
  readonly number: number;
  readonly filter: SoqlFilter;
  readonly fields: readonly FieldDescribe[];
  readonly change: (filter: SoqlFilter | null) => void;
}

function FilterRow({ number, filter, fields, change }: RowProps) {
  const field = fields.find(({ name }) => name.toLowerCase() === filter.field.toLowerCase()) ?? null;
  const [draft, setDraft] = useState<{ typed: string; comparison: ShownComparison; of: string } | null>(null);
  const of = JSON.stringify(filter);
  // What is typed holds until the condition is another one, by this row or by the text.
  const own = draft?.of === of ? draft : null;
  const comparison = own?.comparison ?? shownComparison(filter);
  const typed = own?.typed ?? (comparison === 'blank' || comparison === 'filled' ? '' : shownValues(filter));
  const read = valuesOf(typed, comparison, field);
  const problem = own && 'problem' in read ? read.problem : null;
  const take = (nextTyped: string, next: ShownComparison, by: FieldDescribe | null = field): void => {
    const given = valuesOf(nextTyped, next, by);
    if ('problem' in given) return setDraft({ typed: nextTyped, comparison: next, of });
    const plain = next === 'blank' ? '=' : next === 'filled' ? '!=' : next;
    change({ ...filter, comparison: plain, values: given.values });
  };
  const known = comparisonsOf(field?.type ?? null);
  const options = known.includes(comparison) ? known : [comparison, ...known];
  return (
    <div className="export-filter" role="group" aria-label={`Condition ${number}`}>
      <Select
        aria-label="Field"
        searchable
        allowDeselect={false}
        value={field?.name ?? filter.field}
        data={[...fields.map(fieldItem), ...(field ? [] : [{ value: filter.field, label: filter.field }])]}
        onChange={(name) =>
          name !== null &&
          name !== field?.name &&
          change({ field: name, comparison: '!=', values: [{ kind: 'bare', text: 'null' }] })
        }
      />
      <NativeSelect
        aria-label="Comparison"
        value={comparison}
        data={options.map((value) => ({ value, label: COMPARISON_WORD[value] }))}
        onChange={({ currentTarget: { value } }) => {
          const next = options.find((one) => one === value) ?? comparison;
          // A yes or no has a value from the first.
          take(field?.type === 'boolean' && typed === '' ? 'true' : typed, next);
        }}
      />
      <ValueField
        field={field}
        comparison={comparison}
        typed={typed}
        problem={problem}
        take={(text) => take(text, comparison)}
      />
      <ActionIcon variant="subtle" aria-label={`Remove condition ${number}`} onClick={() => change(null)}>
        <X size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}

interface ValueProps {
  readonly field: FieldDescribe | null;
  readonly comparison: ShownComparison;
  readonly typed: string;
  readonly problem: string | null;
  readonly take: (typed: string) => void;
}

function ValueField({ field, comparison, typed, problem, take }: ValueProps) {
  if (comparison === 'blank' || comparison === 'filled') return <span />;
  if (isList(comparison))
    return (
      <Textarea
        aria-label="Values, one to a line"
        autosize
        minRows={1}
        maxRows={6}
        value={typed}
        error={problem}
        onChange={({ currentTarget: { value } }) => take(value)}
      />
    );
  const choices =
    field?.type === 'boolean'
      ? ['true', 'false']
      : comparison === '=' || comparison === '!='
        ? (field?.picklistValues.map(({ value }) => value) ?? [])
        : [];
  if (choices.length > 0 && (typed === '' || choices.includes(typed)))
    return (
      <NativeSelect
        aria-label="Value"
        value={typed}
        data={typed === '' ? ['', ...choices] : choices}
        onChange={({ currentTarget: { value } }) => take(value)}
      />
    );
  return (
    <TextInput
      aria-label="Value"
      description={comparison === 'LIKE' ? '% stands for any text' : undefined}
      inputWrapperOrder={['input', 'description', 'error']}
      value={typed}
      error={problem}
      onChange={({ currentTarget: { value } }) => take(value)}
    />
  );
}
