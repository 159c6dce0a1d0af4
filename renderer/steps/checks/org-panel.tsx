import {
  type FieldMapping,
  idPoliciesOf,
  onlyNames,
  removes as removing,
  sentColumns,
} from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { uniqueColumns } from '../../../shared/domain/unique-columns.ts';
import type { Draft } from '../../wizard/draft.ts';
import type { OrgAnswers } from './checks-title.ts';
import { DuplicateRulesPanel } from './duplicate-rules-panel.tsx';
import { LookUpPanel } from './look-up-panel.tsx';
import { PicklistPanel } from './picklist-panel.tsx';
import { RehearsalPanel } from './rehearsal-panel.tsx';
import { TakenPanel } from './taken-panel.tsx';
import { useAskOrg } from './use-ask-org.ts';

function hasPicklist(mapping: FieldMapping | null, describe: SObjectDescribe): boolean {
  const fields = mapping ? sentColumns(mapping).map(({ target }) => fieldNamed(describe, target.field)) : [];
  return fields.some((field) => field?.type === 'picklist' || field?.type === 'multipicklist');
}

/** Whether rows name records of the org: their own, or others that lookups lead to. */
function namesRecords(mapping: FieldMapping, describe: SObjectDescribe): boolean {
  return sentColumns(mapping).some(
    ({ target }) =>
      target.kind !== 'field' ||
      target.field === mapping.matchField ||
      (fieldNamed(describe, target.field)?.type === 'reference' && idPoliciesOf(target).whenNone !== 'unasked'),
  );
}

/** What only the org can tell, asked where a person wants to know it. */
export function OrgPanel({
  draft,
  describe,
  org,
  ready,
  known,
  byOrg,
  answered,
}: {
  readonly draft: Draft;
  readonly describe: SObjectDescribe | null;
  readonly org: OrgSummary;
  /** Rows that would be compared, of which those that change something can be tried. */
  readonly ready: number;
  /** The plan of the mapping as it is, if there is one. */
  readonly known: LoadPlan | null;
  /** Rows that only the org could tell of; null while it was not asked. */
  readonly byOrg: number | null;
  readonly answered: (answers: OrgAnswers) => void;
}) {
  const ask = useAskOrg(draft);
  const { sourceId, mapping } = draft;
  // Of another mapping it would be asked anew: what was answered is of this one.
  const key = JSON.stringify(mapping);
  const removes = mapping !== null && removing(mapping.operation);
  const unique = mapping && describe ? uniqueColumns(mapping, describe).map(({ field }) => field.label) : [];
  const hasTypes =
    describe?.fields.some(({ name }) => name === 'RecordTypeId') === true && hasPicklist(mapping, describe);
  return (
    <>
      {mapping && describe && !onlyNames(mapping.operation) && namesRecords(mapping, describe) && (
        <LookUpPanel key={`records ${key}`} sourceId={sourceId} org={org} ask={ask} known={known} byOrg={byOrg} />
      )}
      {unique.length > 0 && (
        <TakenPanel
          key={`taken ${key}`}
          sourceId={sourceId}
          fields={unique}
          org={org}
          ask={ask}
          answered={(taken) => answered({ taken })}
        />
      )}
      {mapping && (mapping.operation === 'insert' || mapping.operation === 'upsert') && (
        <DuplicateRulesPanel
          key={`duplicates ${key}`}
          sourceId={sourceId}
          org={org}
          ask={ask}
          answered={(rules) => answered({ rules })}
        />
      )}
      {hasTypes && <PicklistPanel key={`picklists ${key}`} sourceId={sourceId} org={org} ask={ask} />}
      {mapping?.operation !== 'undelete' && (
        <RehearsalPanel
          key={`rehearsal ${key}`}
          sourceId={sourceId}
          org={org}
          ask={ask}
          ready={ready}
          removes={removes}
          answered={(tried) => answered({ tried })}
        />
      )}
    </>
  );
}
