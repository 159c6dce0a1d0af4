import { Group, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { type FieldMapping, hasAssignmentRules, onlyNames } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { isMatchField, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { SummaryLine } from '../../components/summary-line.tsx';
import { AssignmentOptions } from './assignment-options.tsx';
import { optionsInWords } from './options-in-words.ts';
import { PolicyOptions } from './policy-options.tsx';
import { RepeatOptions } from './repeat-options.tsx';
import { SimilarOptions } from './similar-options.tsx';
import { SaveOptions, WayOptions } from './way-options.tsx';

interface MappingOptionsProps {
  readonly orgId: OrgId;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
  readonly columns: readonly SourceColumn[];
  readonly change: (change: Partial<FieldMapping>) => void;
}

/**
 * What the match is made by, what blanks and repeated match values mean, what stays as it is in the org, and how rows get there: one
 * line, so that the columns are in sight.
 */
export function MappingOptions(props: MappingOptionsProps) {
  const { mapping, describe } = props;
  const [open, setOpen] = useState(false);
  const { usual, chosen } = optionsInWords(mapping, describe);
  return (
    <SummaryLine
      label="How rows are loaded"
      open={open}
      toggle={() => setOpen(!open)}
      summary={
        <>
          {usual.map((text, at) => (at === 0 ? <b key={text}>{text}</b> : <span key={text}>{text}</span>))}
          {chosen.map((text) => (
            <span key={text} className="tone" data-tone="update">
              {text}
            </span>
          ))}
        </>
      }
    >
      <Options {...props} />
    </SummaryLine>
  );
}

function Options({ orgId, mapping, describe, columns, change }: MappingOptionsProps) {
  const matchFields = describe.fields.filter((field) =>
    mapping.operation === 'upsert' ? isMatchField(field) : field.type === 'id',
  );
  return (
    <Group align="flex-start">
      {mapping.operation !== 'insert' && (
        <NativeSelect
          label="Match records by"
          value={mapping.matchField ?? ''}
          data={matchFields.map((field) => ({ value: field.name, label: `${field.label} (${field.name})` }))}
          onChange={(event) => change({ matchField: event.currentTarget.value })}
        />
      )}
      {mapping.operation !== 'insert' && !onlyNames(mapping.operation) && (
        <NativeSelect
          label="A blank cell means"
          value={mapping.blankValues}
          data={[
            { value: 'leave', label: 'keep the field’s value' },
            { value: 'clear', label: 'clear the field' },
          ]}
          onChange={(event) => change({ blankValues: event.currentTarget.value as FieldMapping['blankValues'] })}
        />
      )}
      <RepeatOptions mapping={mapping} columns={columns} change={change} />
      <SimilarOptions mapping={mapping} columns={columns} change={change} />
      <PolicyOptions mapping={mapping} describe={describe} change={change} />
      <WayOptions mapping={mapping} change={change} />
      {hasAssignmentRules(mapping) && <AssignmentOptions orgId={orgId} mapping={mapping} change={change} />}
      <SaveOptions mapping={mapping} change={change} />
    </Group>
  );
}
