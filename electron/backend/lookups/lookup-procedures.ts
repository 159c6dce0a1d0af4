import { rm } from 'node:fs/promises';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { LookupCoverage, LookupOffer } from '../../../shared/domain/planned-lookup.ts';
import {
  foundTarget,
  mappedColumns,
  repeatColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import { rowKeyColumns } from '../../../shared/domain/row-keys.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { digestOf } from '../digest-of.ts';
import type { HandlersOf } from '../dispatch.ts';
import { newExportFolder } from '../offer-file.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import { mappingContext, type ContextTools, type MappingContext } from '../validation/mapping-context.ts';
import { parentDescribes } from '../mapping/parent-describes.ts';
import { coverIds } from './cover-ids.ts';
import type { CoverTools } from './cover-keys.ts';
import { coverLookup } from './cover-lookup.ts';
import { isFound } from './find-parents.ts';
import { offerLookups } from './offer-lookups.ts';

interface LookupTools extends ContextTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'random' | 'clock'>;
  readonly orgs: ContextTools['orgs'] & Pick<OrgDirectory, 'client'>;
  readonly staging: CoverTools['staging'];
  readonly turns: OneAtATime;
}

/** Answers that are kept, and for how long: who chooses between fields comes back to one, and the org does not stand still. */
const KEPT = 50;
const KEPT_MS = 10 * 60_000;
/** Columns of which is kept what they may be meant for: those of a wide file. */
const OFFERED_KEPT = 1000;

/** What a lookup would find, while it is chosen. */
export function lookupProcedures(tools: LookupTools): HandlersOf<'lookups'> {
  const { ports, orgs, staged, staging, turns } = tools;
  const known = new Map<string, { coverage: LookupCoverage; at: number }>();
  const offered = new Map<string, { offers: LookupOffer[]; at: number }>();
  return {
    'lookups.offers': ({ orgId, sourceId, objectName, columns }, signal) =>
      turns.run(`offers of ${sourceId}`, signal, async () => {
        const source = await staged.facts(sourceId);
        const describe = await orgs.describe(orgId, objectName, false, signal);
        const keyOf = (column: number) => digestOf([orgId, source.digest, describe.name, column]);
        const isFresh = (column: number) =>
          ports.clock.elapsed() - (offered.get(keyOf(column))?.at ?? -Infinity) < KEPT_MS;
        const wanted = columns.filter((column) => column < source.columns.length);
        // A column that is given back, or taken, asks nothing anew.
        const due = wanted.filter((column) => !isFresh(column));
        let apiCalls = 0;
        if (due.length > 0) {
          const parents = await parentDescribes(orgs, orgId, describe, undefined, signal);
          const around = { client: await orgs.client(orgId), sql: staging.until(signal) };
          const answer = await offerLookups(around, source, { describe, parents }, due, signal);
          ({ apiCalls } = answer);
          for (const column of due) {
            const offers = answer.offers.filter((one) => one.column === column);
            offered.set(keyOf(column), { offers, at: ports.clock.elapsed() });
          }
          for (const oldest of [...offered.keys()].slice(0, -OFFERED_KEPT)) offered.delete(oldest);
        }
        return { offers: wanted.flatMap((column) => offered.get(keyOf(column))?.offers ?? []), apiCalls };
      }),
    'lookups.coverage': ({ orgId, sourceId, mapping: given, column: place }, signal) =>
      // Of one source one at a time: who chooses quickly calls the one before off.
      turns.run(`coverage of ${sourceId}`, signal, async () => {
        const context = askedAsFound(await mappingContext(tools, orgId, sourceId, given, signal), place);
        const { mapping, source, describe, mappingIssues } = context;
        const column = mappedColumns(mapping).find((candidate) => candidate.column === place);
        if (!column || !(isFound(column) || holdsIds(column, describe)))
          throw new FailureError({ code: 'MAPPING_BLOCKED', problems: mappingIssues.length });
        const key = digestOf([orgId, source.digest, describe.name, ...coverageFacts(mapping, column)]);
        const before = known.get(key);
        if (before && ports.clock.elapsed() - before.at < KEPT_MS) return before.coverage;
        const folder = await newExportFolder(ports);
        try {
          const client = await orgs.client(orgId);
          const scratch = `cover_${ports.random.token(8)}`;
          const around = { client, staging, clock: ports.clock };
          const coverage = isFound(column)
            ? await coverLookup(around, context, column, { scratch, folder }, signal)
            : await coverIds(around, context, column, { scratch, folder }, signal);
          known.delete(key);
          known.set(key, { coverage, at: ports.clock.elapsed() });
          for (const oldest of [...known.keys()].slice(0, -KEPT)) known.delete(oldest);
          return coverage;
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
  };
}

/** A lookup that Salesforce fills by an external id is covered like one that is found beforehand. */
function askedAsFound(context: MappingContext, place: number): MappingContext {
  const columns = context.mapping.columns.map((one) => {
    const target = one.column === place ? foundTarget(one.target) : null;
    return target ? { ...one, target } : one;
  });
  return { ...context, mapping: { ...context.mapping, columns } };
}

function holdsIds({ target }: MappedColumn, describe: SObjectDescribe): boolean {
  return target.kind === 'field' && fieldNamed(describe, target.field)?.type === 'reference';
}

/** All of a mapping that the coverage of a column depends on. */
function coverageFacts(mapping: FieldMapping, column: MappedColumn): unknown[] {
  const entry = { ...column, reason: '' };
  if (!isFound(column)) return [entry];
  const { target } = column;
  const and = mapping.columns.find((candidate) => candidate.column === target.and?.column);
  const keys = rowKeyColumns(mapping, target);
  const own = keys === null ? [] : [...keys, '', ...repeatColumns(mapping)];
  const facts = [and, ...own].map((one) => (typeof one === 'object' ? { ...one, reason: '' } : one));
  return [entry, mapping.operation, ...facts];
}
