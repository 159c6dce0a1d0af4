import type { ColDef, ICellRendererParams } from 'ag-grid-community';
import { bulkHeader, mappedColumns } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan, PlannedKind, PlannedRow } from '../../../shared/domain/load-plan.ts';
import type { FieldTypeName, SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { issueText } from '../../../shared/text/issue-text.ts';
import { PLANNED_GROUP } from '../../../shared/domain/row-groups.ts';
import { GROUP_WORD } from '../../../shared/text/row-group-text.ts';
import { iconCopy } from '../../components/icon-plates.tsx';
import { makeElement } from '../../components/make-element.ts';
import { GROUP_LOOK } from '../../components/outcome.tsx';
import { duplicateText, keptText, resemblesText } from '../../../shared/text/plan-text.ts';
import { KEY_COLUMN, ROW_COLUMN } from './plan-filter.ts';
import { fieldLabel, fieldType, shownChange, shownValue } from './shown-value.ts';

function kindCell({ data }: ICellRendererParams<PlannedRow>): HTMLElement {
  if (!data) return makeElement('span');
  const group = PLANNED_GROUP[data.kind];
  const { tone } = GROUP_LOOK[group];
  return makeElement('span', { 'data-tone': tone, class: 'tone' }, iconCopy(group), ` ${GROUP_WORD[group]}`);
}

function inSecondStep({ later }: Extract<PlannedRow, { kind: 'insert' | 'update' }>): string {
  return later.length === 0 ? '' : `; ${later.join(', ')} in a second step`;
}

/** What a person has decided of a row that resembles a record. */
function byChoice(row: PlannedRow): string {
  const text = resemblesText(row);
  return text === '' ? '' : `; ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function whatHappens(row: PlannedRow | undefined, plan: LoadPlan, describe: SObjectDescribe | null): string {
  if (!row) return '';
  const label = (field: string) => fieldLabel(describe, field);
  switch (row.kind) {
    case 'insert':
      return `New record with ${plural(row.values.length, 'value')}${inSecondStep(row)}${byChoice(row)}`;
    case 'update':
      return row.changes
        .map(({ field, old, new: next, cleared }) => {
          const { was, now } = shownChange(old, next, fieldType(describe, field));
          return `${label(field)}: ${was || 'blank'} → ${cleared ? 'cleared' : now}`;
        })
        .concat(row.kept.map((kept) => keptText(kept, label(kept.field))))
        .join('; ')
        .concat(inSecondStep(row), byChoice(row));
    case 'delete':
      return (
        row.values
          .map(({ field, value }) => `${label(field)}: ${shownValue(value, fieldType(describe, field))}`)
          .join('; ') || 'Goes to the recycle bin'
      );
    case 'undelete':
      return 'Comes back from the Recycle Bin';
    case 'unchanged':
      if (plan.mapping.operation === 'undelete') return 'Not deleted, so nothing is sent';
      return `Same as the record, so nothing is sent${byChoice(row)}`;
    case 'duplicate':
      return duplicateText(row);
    case 'leftOut':
    case 'blocked':
      return row.issues.map((issue) => `${issue.field ? `${label(issue.field)}: ` : ''}${issueText(issue)}`).join(' ');
  }
}

/** The column whose cells leave a row out of the plan, or take it back. */
export const ACTION_COLUMN = 'choice';

const SENT_KINDS: ReadonlySet<PlannedKind> = new Set(['insert', 'update', 'delete', 'undelete']);

/** What a click in a row's choice does. A row that was left out before the plan was made is taken back where that was done. */
export function choiceText(row: PlannedRow | undefined): string {
  if (row && SENT_KINDS.has(row.kind)) return 'Leave out';
  return isLeftOutHere(row) ? 'Take back' : '';
}

/** Whether a row was left out of the plan itself. */
function isLeftOutHere(row: PlannedRow | undefined): boolean {
  return row?.kind === 'leftOut' && row.issues.every(({ code, column }) => code === 'LEFT_OUT' && column === null);
}

/**
 * One column a changed field, old value struck and new one strong, the chosen field first; other kinds say what happens in words.
 */
export function planColumns(
  plan: LoadPlan,
  describe: SObjectDescribe | null,
  kind: PlannedKind | null,
  chosen?: string,
): ColDef<PlannedRow>[] {
  const lead: ColDef<PlannedRow>[] = [
    {
      headerName: 'Row',
      colId: ROW_COLUMN,
      sortable: true,
      pinned: 'left',
      width: 90,
      cellClass: 'value',
      valueGetter: ({ data }) => (data ? number(data.row) : '…'),
    },
    {
      ...(plan.mapping.matchField === null ? { headerName: 'Key' } : titleOf(describe, plan.mapping.matchField)),
      colId: KEY_COLUMN,
      sortable: plan.mapping.matchField !== null,
      pinned: 'left',
      // Eighteen characters of an Id are all in sight.
      width: plan.mapping.matchField === 'Id' ? 190 : 150,
      cellClass: 'value',
      valueGetter: ({ data }) => data?.key ?? '',
    },
    { headerName: 'Outcome', width: 130, cellRenderer: kindCell },
    {
      headerName: 'Choice',
      colId: ACTION_COLUMN,
      width: 110,
      cellClass: 'action',
      valueGetter: ({ data }) => choiceText(data),
    },
  ];
  if (kind === 'update') {
    const isChosen = ({ field }: { readonly field: string }) => field === chosen;
    // A field that records only keep is a change that does not come: it is shown where it would.
    const onlyKept = plan.keptFields.filter(({ field }) => !plan.changedFields.some((one) => one.field === field));
    const all = [...plan.changedFields, ...(plan.mapping.undoOf ? onlyKept : [])];
    const fields = [...all.filter(isChosen), ...all.filter((one) => !isChosen(one))];
    return [
      ...lead,
      ...fields.map(({ field, rows }): ColDef<PlannedRow> => ({
        ...titleOf(describe, field, rows),
        colId: field,
        sortable: true,
        cellRenderer: (cell: ICellRendererParams<PlannedRow>) =>
          changeCell(cell.data, field, fieldType(describe, field)),
      })),
    ];
  }
  if (kind === 'insert') {
    return [
      ...lead,
      ...mappedColumns(plan.mapping).map(({ target }): ColDef<PlannedRow> => {
        const header = bulkHeader(target);
        return {
          ...titleOf(describe, header),
          colId: header,
          sortable: true,
          valueGetter: ({ data }) => {
            const value = data?.kind === 'insert' ? data.values.find(({ field }) => field === header)?.value : '';
            return shownValue(value ?? '', fieldType(describe, header));
          },
        };
      }),
    ];
  }
  if (kind === 'delete') {
    return [
      ...lead,
      ...plan.shownFields.map((field): ColDef<PlannedRow> => ({
        ...titleOf(describe, field),
        valueGetter: ({ data }) => {
          const value = data?.kind === 'delete' ? data.values.find((one) => one.field === field)?.value : '';
          return shownValue(value ?? '', fieldType(describe, field));
        },
      })),
    ];
  }
  return [
    ...lead,
    {
      headerName: 'What happens',
      flex: 1,
      minWidth: 400,
      valueGetter: ({ data }) => whatHappens(data, plan, describe),
    },
  ];
}

/** A field by its label; its API name is told by the header's tooltip. What goes through a relationship has its path. */
function titleOf(describe: SObjectDescribe | null, field: string, rows?: number): ColDef<PlannedRow> {
  const label = fieldLabel(describe, field);
  return { headerName: rows === undefined ? label : `${label} (${number(rows)})`, headerTooltip: field };
}

function changeCell(row: PlannedRow | undefined, field: string, type: FieldTypeName): HTMLElement {
  if (row?.kind !== 'update') return makeElement('span');
  const kept = row.kept.find((candidate) => candidate.field === field);
  if (kept)
    return makeElement(
      'span',
      { class: 'change', title: keptText(kept, field) },
      makeElement('span', {}, kept.now === '' ? 'blank' : shownValue(kept.now, type)),
      makeElement('span', { class: 'cleared' }, 'kept'),
    );
  const change = row.changes.find((candidate) => candidate.field === field);
  if (!change) return makeElement('span');
  const { was, now } = shownChange(change.old, change.new, type);
  const next = change.cleared
    ? makeElement('span', { class: 'cleared' }, 'cleared')
    : makeElement('span', { class: 'now' }, now);
  return makeElement(
    'span',
    { class: 'change', title: `${change.old} → ${change.cleared ? '' : change.new}` },
    makeElement('span', { class: 'was' }, change.old === '' ? 'blank' : was),
    next,
  );
}
