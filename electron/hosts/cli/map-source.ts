import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import {
  idPoliciesOf,
  hasAssignmentRules,
  mappedColumns,
  type FieldMapping,
  type Operation,
} from '../../../shared/domain/field-mapping.ts';
import { MappingForm, type FittedMapping, type MappingMisfit } from '../../../shared/domain/mapping-file.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { lossText, misfitText } from '../../../shared/text/mapping-file-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT } from './exit-codes.ts';
import { withFormats, type FormatFlags } from './format-flags.ts';
import type { Ending, Output } from './output.ts';
import { withAssignmentRule, withPolicies, withRepeats, withSimilar, type PolicyFlags } from './policy-flags.ts';
import { withSentRows } from './send-rows.ts';
import { UsageError } from './usage-error.ts';

export interface MappingFlags extends FormatFlags, PolicyFlags {
  readonly sobject: string;
  readonly operation?: Operation;
  readonly externalId?: string;
  /** A mapping file: ours, or Data Loader's. */
  readonly mapping?: string;
  /** False: Ids of other records are sent as they stand, and not looked up. */
  readonly idLookup?: boolean;
}

/** A source, cleaned as its mapping wants it, and the mapping. */
export interface MappedSource {
  readonly org: OrgSummary;
  readonly source: SourceSummary;
  readonly mapping: FieldMapping;
}

/** What of a mapping file would otherwise be left out without anybody there to see it. */
const BLOCKING = new Set<MappingMisfit['code']>(['FIELD_GONE', 'FIELD_CLOSED', 'STEP_LOST', 'MATCH_FIELD_GONE']);

/** The mapping of a file: as the mapping file has it, else as it was used last, else as it is suggested. Each is told. */
export async function mapSource(
  caller: BackendCaller,
  org: OrgSummary,
  source: SourceSummary,
  flags: MappingFlags,
  output: Output,
): Promise<MappedSource> {
  const asked = { orgId: org.orgId, sourceId: source.sourceId, objectName: flags.sobject };
  const operation = flags.operation ?? (await operationOf(caller, asked, flags));
  const suggested = await caller.call('mapping.suggest', { ...asked, operation, useSaved: true });
  const { misfits, ...mapping } = suggested;
  const mapped =
    flags.mapping === undefined
      ? { source, mapping }
      : await mapByFile(caller, source, { ...asked, mapping }, flags, output);
  if (flags.mapping === undefined) for (const misfit of misfits) output.line(`  WARN  ${misfitText(misfit)}`);
  if (flags.operation === undefined) {
    const from = flags.mapping === undefined ? 'from the file’s keys or its last load' : 'from the mapping file';
    output.line(`Operation: ${mapped.mapping.operation} (${from}; override with --operation)`);
  }
  const formatted = withFormats(mapped.mapping, mapped.source.columns, flags);
  const byExternalId = formatted.operation === 'upsert' ? flags.externalId : undefined;
  const matched = withRepeats(
    withPolicies({ ...formatted, matchField: byExternalId ?? formatted.matchField }, flags),
    mapped.source.columns,
    flags,
  );
  const compared = withSimilar(matched, mapped.source.columns, flags);
  const ruled = await ruledBy(caller, org.orgId, compared, flags.assignmentRule);
  const looked = flags.idLookup === false ? withoutIdLookups(ruled) : ruled;
  const { sourceId } = mapped.source;
  const final =
    flags.sendRow === undefined
      ? looked
      : await withSentRows(caller, { orgId: org.orgId, sourceId }, looked, flags.sendRow);
  output.line(
    `${org.name}: ${mappedColumns(final).length} of ${final.columns.length} columns mapped to ${flags.sobject}${final.matchField ? `, matched by ${final.matchField}` : ''}`,
  );
  return { org, source: mapped.source, mapping: final };
}

async function ruledBy(
  caller: BackendCaller,
  orgId: OrgSummary['orgId'],
  mapping: FieldMapping,
  wanted: string | undefined,
): Promise<FieldMapping> {
  if (wanted === undefined) return mapping;
  if (!hasAssignmentRules(mapping))
    throw new UsageError('--assignment-rule is for inserts, updates, and upserts of cases and leads.');
  const rules = await caller.call('org.assignmentRules', { orgId, objectName: mapping.objectName });
  return withAssignmentRule(mapping, rules, wanted);
}

/** The mapping with Ids of other records sent as they stand. */
function withoutIdLookups(mapping: FieldMapping): FieldMapping {
  return {
    ...mapping,
    columns: mapping.columns.map((column) => {
      const { target } = column;
      if (target.kind !== 'field') return column;
      return { ...column, target: { ...target, ids: { ...idPoliciesOf(target), whenNone: 'unasked' } } };
    }),
  };
}

async function operationOf(
  caller: BackendCaller,
  asked: { orgId: OrgSummary['orgId']; sourceId: SourceSummary['sourceId']; objectName: string },
  { externalId }: MappingFlags,
): Promise<Operation> {
  if (externalId !== undefined) return 'upsert';
  return (await caller.call('mapping.guessObject', asked)).operation;
}

/** Throws `MAPPING_FILE_UNREADABLE`, `MAPPING_BLOCKED` and `UsageError`. */
async function mapByFile(
  caller: BackendCaller,
  source: SourceSummary,
  asked: { orgId: OrgSummary['orgId']; sourceId: SourceSummary['sourceId']; objectName: string; mapping: FieldMapping },
  flags: MappingFlags,
  output: Output,
): Promise<{ source: SourceSummary; mapping: FieldMapping }> {
  const path = flags.mapping ?? '';
  const content = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`The mapping file “${path}” can’t be read (${code}).`);
  });
  const { objectName, ...question } = asked;
  const fitted = await caller.call('mapping.readFile', {
    ...question,
    fileName: basename(path),
    content: content.toString('base64'),
  });
  if (fitted.mapping.objectName.toLowerCase() !== objectName.toLowerCase())
    throw new UsageError(`The mapping file is for ${fitted.mapping.objectName}, not for ${objectName}.`);
  tellMisfits(fitted, output);
  const cleaned =
    JSON.stringify(fitted.cleaning) === JSON.stringify(source.cleaning)
      ? source
      : await caller.call('source.clean', { sourceId: source.sourceId, steps: fitted.cleaning });
  const { operation = fitted.mapping.operation } = flags;
  const isSame = operation === fitted.mapping.operation;
  const matchField = isSame ? fitted.mapping.matchField : asked.mapping.matchField;
  return { source: cleaned, mapping: { ...fitted.mapping, operation, matchField } };
}

function tellMisfits({ misfits }: FittedMapping, output: Output): void {
  for (const misfit of misfits) output.line(`  ${BLOCKING.has(misfit.code) ? 'BLOCK' : 'WARN '} ${misfitText(misfit)}`);
  const problems = misfits.filter(({ code }) => BLOCKING.has(code)).length;
  if (problems > 0) throw new FailureError({ code: 'MAPPING_BLOCKED', problems });
}

/** Writes the mapping that a load would use, in the form that the file's name ends in. */
export async function saveMapping(
  caller: BackendCaller,
  { org, source, mapping }: MappedSource,
  outputFile: string,
  output: Output,
): Promise<Ending> {
  const form = MappingForm.safeParse(outputFile.split('.').at(-1)?.toLowerCase());
  if (!form.success) throw new UsageError('The name of a mapping file must end in .json or .sdl.');
  const asked = { orgId: org.orgId, sourceId: source.sourceId, mapping, form: form.data };
  const { losses } = await caller.call('mapping.writeFile', asked);
  for (const loss of losses) output.line(`  WARN  ${lossText(loss)}`);
  output.line(`Wrote ${outputFile}`);
  return { code: EXIT.ok, result: { mapping, losses } };
}
