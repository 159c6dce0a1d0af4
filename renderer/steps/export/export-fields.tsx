import { Button, MultiSelect, Select } from '@mantine/core';
import { useState } from 'react';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { FieldDescribe, SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { useCall } from '../../backend/backend-context.tsx';
import { searchFields } from '../mapping/field-search.ts';

/** Made up of other fields, or of bytes: Bulk API refuses them, and a cell has no place for them. */
const NOT_IN_A_CELL = new Set<FieldDescribe['type']>(['address', 'location', 'base64', 'complexvalue']);

export function exportable(describe: SObjectDescribe): readonly FieldDescribe[] {
  return describe.fields.filter(({ type }) => !NOT_IN_A_CELL.has(type));
}

export function fieldItem({ name, label }: Pick<FieldDescribe, 'name' | 'label'>): { value: string; label: string } {
  return { value: name, label: `${label} (${name})` };
}

interface Item {
  readonly value: string;
  readonly label: string;
}

/** Searches a list of fields as the mapping does: by label, name, and initials. */
function fieldsFound({ options, search }: { readonly options: readonly object[]; readonly search: string }): Item[] {
  const fields = options.filter((one): one is Item => 'value' in one);
  return searchFields(
    fields.map((item) => ({ ...item, name: item.value, help: '' })),
    search,
  ).map(({ value, label }) => ({ value, label }));
}

interface Props {
  readonly describe: SObjectDescribe;
  readonly fields: readonly string[];
  readonly change: (fields: readonly string[]) => void;
}

/** Which fields are exported, in which order: as they were chosen. */
export function ExportFields({ describe, fields, change }: Props) {
  const [opened, setOpened] = useState(false);
  const own = exportable(describe);
  const known = new Map(own.map((field) => [field.name.toLowerCase(), field]));
  // Whatever case a text has them in.
  const chosen = [...new Set(fields.map((name) => known.get(name.toLowerCase())?.name ?? name))];
  const others = chosen.filter((name) => !known.has(name.toLowerCase()));
  return (
    <>
      <MultiSelect
        label={`Fields (${chosen.length})`}
        searchable
        data-search
        clearable={false}
        onDropdownOpen={() => setOpened(true)}
        onDropdownClose={() => setOpened(false)}
        // Closes the list and not the page.
        onKeyDown={(event) => opened && event.key === 'Escape' && event.preventDefault()}
        limit={200}
        maxDropdownHeight={260}
        withScrollArea={false}
        classNames={{ options: 'field-options', pillsList: 'export-pills' }}
        nothingFoundMessage="No such field"
        placeholder="Add a field"
        value={chosen}
        data={[...own.map(fieldItem), ...others.map((name) => ({ value: name, label: name }))]}
        filter={fieldsFound}
        // A query selects something.
        error={chosen.length === 0 ? 'Choose at least one field.' : null}
        onChange={(next) => next.length > 0 && change(next)}
      />
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => change(own.map(({ name }) => name))}
        disabled={own.every(({ name }) => chosen.includes(name))}
      >
        Choose all {own.length} fields
      </Button>
    </>
  );
}

/** Fields of what may be one of several objects (Object Reference, "Name"). */
const NAME_FIELDS = [
  { name: 'Name', label: 'Name' },
  { name: 'Type', label: 'Type' },
  { name: 'Email', label: 'Email' },
  { name: 'Username', label: 'Username' },
];

interface ParentProps {
  readonly orgId: OrgId;
  readonly describe: SObjectDescribe;
  readonly add: (path: string) => void;
}

/** Adds a field of a parent, or of a parent’s parent. */
export function ParentFields({ orgId, describe, add }: ParentProps) {
  const [way, setWay] = useState<{ path: string; objectName: string | null } | null>(null);
  const parent = useCall('orgs.describe', way?.objectName ? { orgId, objectName: way.objectName } : null, {
    keep: true,
  });
  const at = way === null ? describe : (parent.data ?? null);
  const links =
    at?.fields.filter(({ relationshipName, referenceTo }) => relationshipName && referenceTo.length > 0) ?? [];
  const targets = way?.objectName === null ? NAME_FIELDS : parent.data ? exportable(parent.data) : [];
  const goTo = (name: string | null): void => {
    const link = links.find(({ relationshipName }) => relationshipName === name);
    if (!link?.relationshipName) return;
    const path = way === null ? link.relationshipName : `${way.path}.${link.relationshipName}`;
    setWay({ path, objectName: link.referenceTo.length === 1 ? (link.referenceTo[0] ?? null) : null });
  };
  // "No more than five levels" (SOQL and SOSL Reference, "Understanding Relationship Query Limitations").
  const canGoOn = way === null || way.path.split('.').length < 5;
  return (
    <div className="export-parent">
      <Select
        label={way === null ? 'Related record' : `Related record of ${way.path}`}
        placeholder={way === null ? 'Such as the owner' : 'Go one further'}
        searchable
        disabled={!canGoOn || links.length === 0}
        nothingFoundMessage="No such lookup"
        value={null}
        data={links.map(({ relationshipName, label }) => ({
          value: relationshipName ?? '',
          label: `${label} (${relationshipName ?? ''})`,
        }))}
        onChange={goTo}
      />
      <Select
        label={way === null ? 'Field of it' : `Field of ${way.path}`}
        placeholder={way === null ? 'Choose a related record first' : 'Add a field'}
        searchable
        disabled={targets.length === 0}
        nothingFoundMessage="No such field"
        value={null}
        data={targets.map(fieldItem)}
        filter={fieldsFound}
        onChange={(name) => {
          if (name === null || way === null) return;
          add(`${way.path}.${name}`);
          setWay(null);
        }}
      />
      {way !== null && (
        <Button variant="subtle" size="compact-sm" onClick={() => setWay(null)}>
          Begin again
        </Button>
      )}
    </div>
  );
}
