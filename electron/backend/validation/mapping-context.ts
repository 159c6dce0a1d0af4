import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId, SourceId } from '../../../shared/domain/ids.ts';
import { keyPrefixesOf, mappedParents, referencedObjects, type Referenced } from '../mapping/parent-describes.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import { checkMapping } from './check-mapping.ts';
import type { CheckInput } from './rule-field.ts';

/** Everything a check or a plan starts from, fetched once, and what is wrong with the mapping as such. */
export interface MappingContext extends CheckInput {
  readonly mappingIssues: readonly MappingIssue[];
  /** The objects that columns of Ids may lead to. */
  readonly referenced: readonly Referenced[];
}

export interface ContextTools {
  readonly orgs: Pick<OrgDirectory, 'describe'>;
  readonly staged: Pick<StagedSources, 'facts'>;
  readonly clock: Pick<BackendPorts['clock'], 'timeZone'>;
}

/** The mapping comes back with the org's own names, which alone may be used (`settleMapping`). Throws `OBJECT_UNKNOWN`. */
export async function mappingContext(
  { orgs, staged, clock }: ContextTools,
  orgId: OrgId,
  sourceId: SourceId,
  given: FieldMapping,
  signal: AbortSignal,
): Promise<MappingContext> {
  const source = await staged.facts(sourceId);
  const describe = await orgs.describe(orgId, given.objectName, false, signal);
  const parents = await mappedParents(orgs, orgId, describe, given, signal);
  const { mapping, issues } = checkMapping(given, describe, parents, source.columns);
  const referenced = await referencedObjects(orgs, orgId, describe, mapping, signal);
  const rules = { describe, parents, referenced, keyPrefixes: keyPrefixesOf(referenced), timeZone: clock.timeZone() };
  return { source, mapping, mappingIssues: issues, ...rules };
}
