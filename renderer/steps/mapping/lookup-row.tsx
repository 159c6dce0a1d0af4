import { Button, Group, NativeSelect, Select } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import {
  mappedColumns,
  type ColumnMapping,
  type FieldMapping,
  type FoundTarget,
} from '../../../shared/domain/field-mapping.ts';
import type { LookupOffer } from '../../../shared/domain/planned-lookup.ts';
import type { OrgId, SourceId } from '../../../shared/domain/ids.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { coverageText, offerText } from '../../../shared/text/lookup-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { IdChoices } from './id-choices.tsx';
import { findingFields, isLookup, likelyParent, lookupOffer, newLookup } from './lookup-offer.ts';

interface LookupRowProps {
  readonly orgId: OrgId;
  readonly sourceId: SourceId;
  readonly mapping: FieldMapping;
  readonly column: ColumnMapping;
  readonly columns: readonly SourceColumn[];
  readonly describe: SObjectDescribe;
  /** What the column's values speak for, the best first. */
  readonly offers: readonly LookupOffer[];
  /** True once another field of the parent is asked for. */
  readonly opened: boolean;
  readonly open: (column: number, opened: boolean) => void;
  readonly change: (column: number, next: Partial<ColumnMapping>) => void;
}

/** Under a column that fills a lookup, or could: by which fields of the parent it is found, and how many are. */
export function LookupRow(props: LookupRowProps) {
  const { column, columns, describe, mapping, offers, opened, open } = props;
  const { target } = column;
  const change = (next: Partial<ColumnMapping>) => props.change(column.column, next);
  if (mapping.operation === 'delete') return null;
  const choose = (next: FoundTarget) =>
    change({ target: next, reason: 'chosen', format: {}, replacements: {}, fixes: [] });
  if (target.kind === 'ignored') {
    const taken = new Set(mappedColumns(mapping).map((one) => one.target.field));
    const byValues = offers.find((one) => !taken.has(one.field));
    const filled = byValues && fieldNamed(describe, byValues.field);
    if (byValues && filled) {
      const found = newLookup(filled, byValues.parentObject, byValues.parentField);
      return (
        <Under>
          <Offer text={offerText(byValues, filled.label)} take={() => choose(found)} />
        </Under>
      );
    }
    const offer = lookupOffer(columns[column.column]?.name ?? '', describe, taken);
    if (!offer) return null;
    const label = fieldNamed(describe, offer.field)?.label ?? offer.field;
    return (
      <Under>
        <Offer text={`Fill ${label}: find ${offer.parentObject} by ${offer.parentField}`} take={() => choose(offer)} />
      </Under>
    );
  }
  const field = fieldNamed(describe, target.field);
  if (target.kind === 'lookup' || !isLookup(field)) return null;
  if (target.kind === 'field' && !opened) {
    return (
      <Under>
        <Group gap="xs">
          {target.ids?.whenNone !== 'unasked' && (
            <span className="reason">Ids are looked up before the plan is made.</span>
          )}
          <IdChoices
            name={columnLabel(columns[column.column]?.name, column.column)}
            target={target}
            choose={(ids) => change({ target: { ...target, ids }, reason: 'chosen' })}
          />
          <Offer text={`${field.label} holds Ids. Find it by another field`} take={() => open(column.column, true)} />
        </Group>
      </Under>
    );
  }
  const giveUp = () => {
    open(column.column, false);
    if (target.kind === 'found') change({ target: { kind: 'field', field: field.name }, reason: 'chosen' });
  };
  return (
    <Under>
      <LookupChoice
        {...props}
        field={field}
        target={target.kind === 'found' ? target : null}
        choose={choose}
        giveUp={giveUp}
      />
    </Under>
  );
}

function Under({ children }: { readonly children: ReactNode }) {
  return (
    <tr className="under">
      <td />
      <td colSpan={5}>{children}</td>
    </tr>
  );
}

function Offer({ text, take }: { readonly text: string; readonly take: () => void }) {
  return (
    <Button variant="subtle" size="compact-xs" onClick={take}>
      {text}
    </Button>
  );
}

interface LookupChoiceProps extends LookupRowProps {
  readonly field: FieldDescribe;
  /** null until a field of the parent is chosen. */
  readonly target: FoundTarget | null;
  readonly choose: (next: FoundTarget) => void;
  readonly giveUp: () => void;
}

/** "Find Account by: Account Name and Billing City from City", what becomes of the rest, and how many find theirs. */
function LookupChoice({ orgId, column, columns, field, target, choose, giveUp, ...rest }: LookupChoiceProps) {
  const [parentObject, setParentObject] = useState(target?.parentObject ?? likelyParent(field));
  const parent = useCall('orgs.describe', { orgId, objectName: parentObject }, { keep: true });
  const name = columnLabel(columns[column.column]?.name, column.column);
  const fields = parent.data ? findingFields(parent.data) : [];
  const options = fields.map((one) => ({ value: one.name, label: `${one.label} (${one.name})` }));
  const own = target?.parentObject === parentObject ? target : null;
  const others = columns.filter(({ index }) => index !== column.column);
  const chooseSecond = (parentField: string | null, from?: number) => {
    if (!own) return;
    const place = from ?? own.and?.column ?? others[0]?.index;
    choose({ ...own, and: parentField === null || place === undefined ? null : { parentField, column: place } });
  };
  return (
    <fieldset className="lookup">
      <legend>How {name} finds its record</legend>
      <Group align="flex-end" gap="xs">
        {field.referenceTo.length > 1 && (
          <NativeSelect
            label="Find"
            size="xs"
            value={parentObject}
            data={[...field.referenceTo]}
            onChange={(event) => setParentObject(event.currentTarget.value)}
          />
        )}
        <Select
          label={field.referenceTo.length > 1 ? 'by' : `Find ${parent.data?.label ?? parentObject} by`}
          size="xs"
          w={260}
          searchable
          placeholder="Choose a field"
          nothingFoundMessage="No such field"
          value={own?.parentField ?? null}
          data={options}
          onChange={(value) => {
            if (value === null) return;
            const keeps = own?.and && own.and.parentField !== value ? own.and : null;
            choose(own ? { ...own, parentField: value, and: keeps } : newLookup(field, parentObject, value));
          }}
        />
        {own && others.length > 0 && (
          <Select
            label="and"
            size="xs"
            w={220}
            searchable
            clearable
            placeholder="no second field"
            nothingFoundMessage="No such field"
            value={own.and?.parentField ?? null}
            data={options.filter(({ value }) => value !== own.parentField)}
            onChange={(value) => chooseSecond(value)}
          />
        )}
        {own?.and && (
          <NativeSelect
            label="from column"
            size="xs"
            value={String(own.and.column)}
            data={others.map((one) => ({ value: String(one.index), label: columnLabel(one.name, one.index) }))}
            onChange={(event) => chooseSecond(own.and?.parentField ?? null, Number(event.currentTarget.value))}
          />
        )}
        <Button variant="subtle" size="compact-xs" onClick={giveUp}>
          The column holds Ids
        </Button>
      </Group>
      {own && <Policies target={own} choose={choose} />}
      {own && <Coverage {...rest} orgId={orgId} column={column} target={own} />}
      {target && !own && (
        <p className="reason coverage">
          Until a field is chosen, the column finds its {target.parentObject} by {target.parentField}.
        </p>
      )}
      {parent.error && <FailurePanel failure={failureOf(parent.error)} />}
    </fieldset>
  );
}

const HOME = { value: 'home', label: 'the row is not sent' };

/** What becomes of rows that do not find exactly one record that can be used. */
function Policies({ target, choose }: { readonly target: FoundTarget; readonly choose: (next: FoundTarget) => void }) {
  return (
    <Group align="flex-end" gap="xs" mt={6}>
      <NativeSelect
        label="If none is found"
        size="xs"
        value={target.whenNone}
        data={[HOME, { value: 'without', label: 'load the row without it' }]}
        onChange={(event) => choose({ ...target, whenNone: event.currentTarget.value === 'home' ? 'home' : 'without' })}
      />
      <NativeSelect
        label="If several are found"
        size="xs"
        value={target.whenSeveral}
        data={[HOME, { value: 'oldest', label: 'use the oldest' }]}
        onChange={(event) =>
          choose({ ...target, whenSeveral: event.currentTarget.value === 'home' ? 'home' : 'oldest' })
        }
      />
      {target.parentObject === 'User' && (
        <NativeSelect
          label="If the user is inactive"
          size="xs"
          value={target.whenInactive}
          data={[HOME, { value: 'use', label: 'use them all the same' }]}
          onChange={(event) =>
            choose({ ...target, whenInactive: event.currentTarget.value === 'home' ? 'home' : 'use' })
          }
        />
      )}
    </Group>
  );
}

/** What the org says of the values, asked whenever the choice changes. */
function Coverage({
  orgId,
  sourceId,
  mapping,
  column,
  target,
}: Pick<LookupRowProps, 'orgId' | 'sourceId' | 'mapping' | 'column'> & { readonly target: FoundTarget }) {
  // What other columns fill makes no difference: a change there asks nothing anew.
  const mine = mapping.columns.filter((one) => one.column === column.column || one.column === target.and?.column);
  const asked = { ...mapping, matchField: null, columns: mine };
  const coverage = useCall(
    'lookups.coverage',
    { orgId, sourceId, mapping: asked, column: column.column },
    { keep: true },
  );
  return (
    <>
      <p className="reason coverage" role="status">
        {coverage.data ? coverageText(coverage.data) : coverage.isFetching ? 'Looking them up in the org …' : ''}
      </p>
      {coverage.error && <FailurePanel failure={failureOf(coverage.error)} />}
    </>
  );
}
