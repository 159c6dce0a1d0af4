import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId, SourceId } from '../../../shared/domain/ids.ts';
import { mappedKeyPrefixes, mappedParents } from '../mapping/parent-describes.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import { checkMapping } from './check-mapping.ts';
import type { CheckInput } from './rule-field.ts';

/** Everything a check or a plan starts from, fetched once, and what is wrong with the mapping as such. */
export interface MappingContext extends CheckInput {
  readonly mappingIssues: readonly MappingIssue[];
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
  const keyPrefixes = await mappedKeyPrefixes(orgs, orgId, describe, mapping, signal);
  return { source, describe, parents, keyPrefixes, mappingIssues: issues, timeZone: clock.timeZone(), mapping };
}
