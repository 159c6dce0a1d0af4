import type { SourceId } from '../../../shared/domain/ids.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { Preferences } from '../settings/preferences.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import { guessObject } from './guess-object.ts';
import { mappedParents, parentDescribes } from './parent-describes.ts';
import type { SavedMappings } from './saved-mappings.ts';
import { settleMapping } from './settle-mapping.ts';
import { suggestMapping } from './suggest-mapping.ts';

interface MappingTools {
  readonly orgs: OrgDirectory;
  readonly sources: SourceRegistry;
  readonly staged: StagedSources;
  readonly mappings: SavedMappings;
  readonly preferences: Pick<Preferences, 'current'>;
}

/** Which object a file is for, and which column fills which field. */
export function mappingProcedures({
  orgs,
  sources,
  staged,
  mappings,
  preferences,
}: MappingTools): HandlersOf<'mapping'> {
  /** A few values a column, by column index. */
  const examplesOf = async (sourceId: SourceId, signal: AbortSignal): Promise<string[][]> => {
    const firstRows = await staged.firstRows(sourceId, signal);
    const width = Math.max(0, ...sources.get(sourceId).columns.map(({ index }) => index + 1));
    return Array.from({ length: width }, (_, index) =>
      firstRows.map((row) => row.cells[index] ?? '').filter((cell) => cell !== ''),
    );
  };
  return {
    'mapping.guessObject': async ({ orgId, sourceId }, signal) => {
      const { columns, fileName } = sources.get(sourceId);
      return guessObject(orgs, orgId, columns, await examplesOf(sourceId, signal), fileName);
    },
    'mapping.suggest': async ({ orgId, sourceId, objectName, operation, useSaved }, signal) => {
      const describe = await orgs.describe(orgId, objectName, false, signal);
      const { columns } = sources.get(sourceId);
      const parents = await parentDescribes(orgs, orgId, describe, undefined, signal);
      const saved = useSaved ? mappings.find(describe, parents, operation, columns) : null;
      if (saved) return saved;
      const suggested = suggestMapping(describe, parents, columns, await examplesOf(sourceId, signal), operation);
      return { ...suggested, blankValues: preferences.current.blankValues };
    },
    'mapping.save': async ({ orgId, sourceId, mapping: given }, signal) => {
      const describe = await orgs.describe(orgId, given.objectName, false, signal);
      const parents = await mappedParents(orgs, orgId, describe, given, signal);
      const { columns } = sources.get(sourceId);
      const { mapping, issues } = settleMapping(given, describe, parents, columns);
      if (issues.length > 0) throw new FailureError({ code: 'MAPPING_BLOCKED', problems: issues.length });
      sources.keepCleaning(sourceId);
      mappings.save(mapping, columns);
      return {};
    },
  };
}
