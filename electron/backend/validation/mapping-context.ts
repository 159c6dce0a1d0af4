import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId, SourceId } from '../../../shared/domain/ids.ts';
import { parentDescribes } from '../mapping/parent-describes.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import { checkMapping } from './check-mapping.ts';
import type { CheckInput } from './rule-field.ts';

/** Everything a check or a plan starts from, fetched once, and what is wrong with the mapping as such. */
export interface MappingContext extends CheckInput {
  readonly mappingIssues: MappingIssue[];
}

export interface ContextTools {
  readonly orgs: Pick<OrgDirectory, 'describe'>;
  readonly staged: Pick<StagedSources, 'facts'>;
  readonly clock: Pick<BackendPorts['clock'], 'timeZone'>;
}

export async function mappingContext(
  { orgs, staged, clock }: ContextTools,
  orgId: OrgId,
  sourceId: SourceId,
  mapping: FieldMapping,
): Promise<MappingContext> {
  const source = await staged.facts(sourceId);
  const describe = await orgs.describe(orgId, mapping.objectName);
  const named = new Set(
    mappedColumns(mapping).flatMap(({ target }) =>
      target.kind === 'lookup' ? [target.parentObject.toLowerCase()] : [],
    ),
  );
  const parents = await parentDescribes(orgs, orgId, describe, named);
  const mappingIssues = checkMapping(mapping, describe, parents, source.columns);
  return { source, describe, parents, mappingIssues, timeZone: clock.timeZone(), mapping };
}
