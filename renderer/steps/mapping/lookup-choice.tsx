import { Button, Group, NativeSelect, Select } from '@mantine/core';
import { useState } from 'react';
import type { ColumnMapping, FieldMapping, FoundTarget } from '../../../shared/domain/field-mapping.ts';
import type { OrgId, SourceId } from '../../../shared/domain/ids.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Coverage } from './coverage.tsx';
import { findingFields, likelyParent, newLookup } from './lookup-offer.ts';

export interface LookupPlace {
  readonly orgId: OrgId;
  readonly sourceId: SourceId;
  readonly mapping: FieldMapping;
  readonly column: ColumnMapping;
  readonly columns: readonly SourceColumn[];
}

interface LookupChoiceProps extends LookupPlace {
  readonly field: FieldDescribe;
  /** null until a field of the parent is chosen. */
  readonly target: FoundTarget | null;
  readonly choose: (next: FoundTarget) => void;
  readonly giveUp: () => void;
}

/** “Find Account by: Account Name and Billing City from City”, what becomes of the rest, and how many find theirs. */
export function LookupChoice({ orgId, column, columns, field, target, choose, giveUp, ...rest }: LookupChoiceProps) {
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
          // The fields of another object are another list: nothing that was typed or listed for the last one stays.
          key={parentObject}
          label={field.referenceTo.length > 1 ? 'by' : `Find ${parent.data?.label ?? parentObject} by`}
          size="xs"
          w={260}
          searchable
          // Whoever is here already can type: a field that is off for a moment loses what comes meanwhile.
          placeholder={parent.isLoading ? 'Reading the fields…' : 'Choose a field'}
          nothingFoundMessage={parent.isLoading ? 'Reading the fields…' : 'No such field'}
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
      {own && <Coverage {...rest} orgId={orgId} column={column} />}
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
          data={[HOME, { value: 'use', label: 'use them anyway' }]}
          onChange={(event) =>
            choose({ ...target, whenInactive: event.currentTarget.value === 'home' ? 'home' : 'use' })
          }
        />
      )}
    </Group>
  );
}
