import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import {
  type ColumnMapping,
  type FoundTarget,
  mappedColumns,
  onlyNames,
} from '../../../shared/domain/field-mapping.ts';
import type { LookupOffer } from '../../../shared/domain/planned-lookup.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { offerText } from '../../../shared/text/lookup-text.ts';
import { Coverage } from './coverage.tsx';
import { IdChoices } from './id-choices.tsx';
import { LookupChoice, type LookupPlace } from './lookup-choice.tsx';
import { isLookup, lookupOffer, newLookup } from './lookup-offer.ts';

interface LookupRowProps extends LookupPlace {
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
  if (onlyNames(mapping.operation)) return null;
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
  if (!isLookup(field)) return null;
  const coverage = <Coverage orgId={props.orgId} sourceId={props.sourceId} mapping={mapping} column={column} />;
  if (target.kind === 'lookup') return <Under>{coverage}</Under>;
  if (target.kind === 'field' && !opened) {
    return (
      <Under>
        <Group gap="xs">
          <IdChoices
            name={columnLabel(columns[column.column]?.name, column.column)}
            target={target}
            choose={(ids) => change({ target: { ...target, ids }, reason: 'chosen' })}
          />
          <Offer text={`${field.label} holds Ids. Find it by another field`} take={() => open(column.column, true)} />
        </Group>
        {target.ids?.whenNone !== 'unasked' && coverage}
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
