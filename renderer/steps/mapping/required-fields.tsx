import { Button, NativeSelect } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { isUnmapped } from './mapping-rows.ts';

interface RequiredFieldsProps {
  readonly fields: readonly FieldDescribe[];
  readonly mapping: FieldMapping;
  readonly objectLabel: string;
  readonly nameOf: (column: number) => string;
  readonly fill: (field: FieldDescribe, column: number) => void;
  readonly giveConstant: (field: FieldDescribe) => void;
}

/** What new records can't be without and nothing fills, with the two ways to fill it. */
export function RequiredFields(props: RequiredFieldsProps) {
  const { fields, mapping, objectLabel, nameOf, fill, giveConstant } = props;
  const free = mapping.columns.filter(isUnmapped);
  const consequence =
    mapping.operation === 'insert'
      ? 'Fill it to continue.'
      : 'Until it is filled, rows that match no record are not sent.';
  return fields.map((field) => (
    <section
      key={field.name}
      className="notice required-field"
      data-tone={mapping.operation === 'insert' ? 'blocked' : 'warning'}
      aria-label={`${field.label} is required`}
    >
      <CircleAlert size={16} aria-hidden />
      <span>
        <strong>{field.label}</strong> is required to create {objectLabel} but is not mapped. {consequence}
      </span>
      <div className="required-ways">
        {free.length > 0 && (
          <NativeSelect
            size="xs"
            aria-label={`Column for ${field.label}`}
            value=""
            data={[
              { value: '', label: 'Choose a column' },
              ...free.map(({ column }) => ({ value: String(column), label: nameOf(column) })),
            ]}
            onChange={(event) => fill(field, Number(event.currentTarget.value))}
          />
        )}
        <Button size="compact-sm" variant="default" onClick={() => giveConstant(field)}>
          Use a constant
        </Button>
      </div>
    </section>
  ));
}
