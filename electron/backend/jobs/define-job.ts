import { resolve } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { Input } from '../../../shared/contract/procedures.ts';
import { columnsMadeBy, type CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { organizationOf, type LoadId, type OrgId, type SourceId } from '../../../shared/domain/ids.ts';
import type { JobDefinition, JobLoss, JobOrg, JobSource } from '../../../shared/domain/job.ts';
import { toJobMapping } from '../../../shared/domain/job-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { mappedParents } from '../mapping/parent-describes.ts';
import { settleMapping } from '../mapping/settle-mapping.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { withTypes } from './fit-job.ts';

/** What a load keeps of what it did. */
interface LoadedAs {
  readonly plan: Pick<LoadPlan, 'mapping' | 'orgId' | 'sourceId'>;
  readonly columns: readonly string[];
  readonly cleaning?: readonly CleaningStep[] | undefined;
}

export interface DefineTools {
  readonly orgs: Pick<OrgDirectory, 'get' | 'describe'>;
  readonly sources: Pick<SourceRegistry, 'get' | 'filesOf'>;
  readonly loads: { planOf(loadId: LoadId): Promise<LoadedAs> };
}

interface Given {
  readonly orgId: OrgId;
  readonly sourceId: SourceId;
  readonly names: readonly string[];
  readonly cleaning: readonly CleaningStep[];
  readonly mapping: FieldMapping;
  readonly typedCells: number;
}

/** What a source and its mapping, or a load, are as a job, and what of them has no place in one. Throws `NOT_SUPPORTED`, `MAPPING_BLOCKED`. */
export async function defineJob(
  tools: DefineTools,
  { name, from, resembling, apiBudgetPercent, sync, guards }: Omit<Input<'job.save'>, 'replace'>,
  signal: AbortSignal,
): Promise<{ definition: JobDefinition; losses: JobLoss[] }> {
  const given = from.kind === 'source' ? ofSource(tools, from) : await ofLoad(tools, from);
  const { orgId, sourceId, names, cleaning } = given;
  if (given.mapping.undoOf !== undefined)
    throw new FailureError({ code: 'NOT_SUPPORTED', what: 'a job of an undo', instead: 'Choose the load of a file.' });
  const describe = await tools.orgs.describe(orgId, given.mapping.objectName, false, signal);
  const parents = await mappedParents(tools.orgs, orgId, describe, given.mapping, signal);
  const columns = names.map((column, index) => ({ index, name: column }));
  const { mapping, issues } = settleMapping(given.mapping, describe, parents, columns);
  if (issues.length > 0) throw new FailureError({ code: 'MAPPING_BLOCKED', problems: issues.length });
  const made = cleaning.flatMap(columnsMadeBy).length;
  const named = toJobMapping({ fileColumns: names.slice(0, names.length - made), cleaning: [...cleaning], mapping });
  const { source, read } = sourceOf(tools, sourceId);
  const groups = mapping.repeatChoices?.groups.length ?? 0;
  return {
    definition: {
      name,
      org: jobOrg(tools.orgs, orgId),
      source,
      ...(Object.values(read).some((choice) => choice !== undefined) ? { read } : {}),
      ...named,
      columns: withTypes(named.columns, describe),
      ...(named.madeColumns ? { madeColumns: withTypes(named.madeColumns, describe) } : {}),
      ...(resembling ? { resembling } : {}),
      ...(apiBudgetPercent === undefined ? {} : { apiBudgetPercent }),
      ...(guards ? { guards } : {}),
      ...(sync ? { sync } : {}),
    },
    losses: [
      ...(given.typedCells > 0 ? [{ code: 'TYPED_CELLS' as const, cells: given.typedCells }] : []),
      ...(groups > 0 ? [{ code: 'ROW_CHOICES' as const, groups }] : []),
    ],
  };
}

function ofSource(
  { sources }: DefineTools,
  from: Omit<Extract<Input<'job.save'>['from'], { kind: 'source' }>, 'kind'>,
): Given {
  const source: SourceSummary = sources.get(from.sourceId);
  const names = source.columns.map(({ name }) => name);
  return { ...from, names, cleaning: source.cleaning, typedCells: source.editedCells };
}

/** Cells that were typed over for a load are not told by it, and not part of the job. */
async function ofLoad(
  { loads }: DefineTools,
  { loadId, sourceId }: Omit<Extract<Input<'job.save'>['from'], { kind: 'load' }>, 'kind'>,
): Promise<Given> {
  const { plan, columns, cleaning } = await loads.planOf(loadId);
  if (cleaning === undefined)
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: 'a job of a load by an earlier version',
      instead: 'Save the job from the file, or load the file once more first.',
    });
  const { orgId, mapping } = plan;
  return { orgId, sourceId: sourceId ?? plan.sourceId, names: columns, cleaning, mapping, typedCells: 0 };
}

export function jobOrg(orgs: Pick<OrgDirectory, 'get'>, orgId: OrgId): JobOrg {
  return { organization: organizationOf(orgId), username: orgs.get(orgId).username };
}

function sourceOf(
  { sources }: DefineTools,
  sourceId: SourceId,
): { source: JobSource; read: NonNullable<JobDefinition['read']> } {
  const { paths: given, owned, choice } = sources.filesOf(sourceId);
  const paths = given.map((one) => resolve(one));
  const [path] = paths;
  if (owned || path === undefined)
    throw new FailureError({
      code: 'NOT_SUPPORTED',
      what: 'a job of rows that are not in a file of yours',
      instead: 'Save the rows as a file and open that, on the desktop or by the command line.',
    });
  return { source: paths.length === 1 ? { kind: 'file', path } : { kind: 'files', paths }, read: choice };
}
