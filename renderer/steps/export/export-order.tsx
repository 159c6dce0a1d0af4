import { ActionIcon, Button, NativeSelect, Select, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { useState } from 'react';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import type { SoqlOrder } from '../../../shared/soql/soql-query.ts';
import { exportable, fieldItem } from './export-fields.tsx';
import { replaced, type BuilderPartProps } from './export-filters.tsx';

/** In which order records come, and how many at most. */
export function ExportOrder({ describe, query, change }: BuilderPartProps) {
  const { order, limit } = query;
  const [typed, setTyped] = useState<string | null>(null);
  const fields = exportable(describe);
  const set = (next: readonly SoqlOrder[]): void => change({ ...query, order: next });
  const isWrong = typed !== null && !/^\d{0,10}$/.test(typed);
  return (
    <section aria-label="Order and limit">
      <h3>Order and limit</h3>
      {order.map((one, index) => (
        <div className="export-filter" role="group" aria-label={`Order ${index + 1}`} key={`${index} ${one.field}`}>
          <Select
            aria-label="Ordered by"
            searchable
            allowDeselect={false}
            value={fieldNamed(describe, one.field)?.name ?? one.field}
            data={[
              ...fields.map(fieldItem),
              ...(fieldNamed(describe, one.field) ? [] : [{ value: one.field, label: one.field }]),
            ]}
            onChange={(name) => name !== null && set(replaced(order, index, { ...one, field: name }))}
          />
          <NativeSelect
            aria-label="Direction"
            value={one.descending ? 'down' : 'up'}
            data={[
              { value: 'up', label: 'Ascending' },
              { value: 'down', label: 'Descending' },
            ]}
            onChange={({ currentTarget: { value } }) =>
              set(replaced(order, index, { ...one, descending: value === 'down' }))
            }
          />
          <span />
          <ActionIcon
            variant="subtle"
            aria-label={`Remove order ${index + 1}`}
            onClick={() => set(replaced(order, index, null))}
          >
            <X size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div className="export-limit">
        <Button
          variant="default"
          size="compact-sm"
          onClick={() =>
            set([
              ...order,
              { field: fields.find(({ nameField }) => nameField)?.name ?? 'Id', descending: false, nulls: null },
            ])
          }
        >
          Add an order
        </Button>
        <TextInput
          label="At most"
          inputMode="numeric"
          placeholder="All records"
          value={typed ?? (limit === null ? '' : String(limit))}
          error={isWrong ? 'Enter a whole number.' : null}
          onChange={({ currentTarget: { value } }) => {
            setTyped(value);
            if (/^\d{0,10}$/.test(value)) change({ ...query, limit: value === '' ? null : Number(value) });
          }}
          onBlur={() => setTyped(null)}
        />
      </div>
    </section>
  );
}
