import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input } from '../../../shared/contract/procedures.ts';
import {
  idPoliciesOf,
  hasAssignmentRules,
  mappedColumns,
  type FieldMapping,
  type Operation,
} from '../../../shared/domain/field-mapping.ts';
import { MappingForm, stopsLoad } from '../../../shared/domain/mapping-file.ts';
import type { ChosenMapping } from '../../../shared/domain/prepared-load.ts';
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

/** The mapping of a file: as the mapping file has it, else as it was used last, else as it is suggested. Each is told. */
export async function mapSource(
  caller: BackendCaller,
  org: OrgSummary,
  source: SourceSummary,
  flags: MappingFlags,
  output: Output,
): Promise<MappedSource> {
  const asked = { orgId: org.orgId, sourceId: source.sourceId, objectName: flags.sobject };
  const { operation, externalId } = flags;
  const file = flags.mapping === undefined ? undefined : await mappingFile(flags.mapping);
  const mapped = await caller.call('prepare.mapping', { ...asked, operation, externalId, file });
  if (file === undefined) for (const misfit of mapped.misfits) output.line(`  WARN  ${misfitText(misfit)}`);
  else tellMisfits(mapped, flags.sobject, output);
  if (operation === undefined) {
    const from = file === undefined ? 'from the file’s keys or its last load' : 'from the mapping file';
    output.line(`Operation: ${mapped.mapping.operation} (${from}; override with --operation)`);
  }
  const formatted = withFormats(mapped.mapping, mapped.source.columns, flags);
  const matched = withRepeats(withPolicies(formatted, flags), mapped.source.columns, flags);
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

/** Throws `UsageError`. */
async function mappingFile(path: string): Promise<NonNullable<Input<'prepare.mapping'>['file']>> {
  const content = await readFile(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError(`The mapping file “${path}” can’t be read (${code}).`);
  });
  return { fileName: basename(path), content: content.toString('base64') };
}

/** Throws `MAPPING_BLOCKED` and `UsageError` for a mapping file that is not used. */
function tellMisfits({ mapping, misfits }: ChosenMapping, objectName: string, output: Output): void {
  if (mapping.objectName.toLowerCase() !== objectName.toLowerCase())
    throw new UsageError(`The mapping file is for ${mapping.objectName}, not for ${objectName}.`);
  for (const misfit of misfits) output.line(`  ${stopsLoad(misfit) ? 'BLOCK' : 'WARN '} ${misfitText(misfit)}`);
  const problems = misfits.filter(stopsLoad).length;
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
