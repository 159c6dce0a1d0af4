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
  return {
    'mapping.guessObject': ({ orgId, sourceId }) => {
      const { columns, fileName } = sources.get(sourceId);
      return guessObject(orgs, orgId, columns, fileName);
    },
    'mapping.suggest': async ({ orgId, sourceId, objectName, operation, useSaved }, signal) => {
      const describe = await orgs.describe(orgId, objectName, false, signal);
      const { columns } = sources.get(sourceId);
      const firstRows = await staged.firstRows(sourceId, signal);
      const parents = await parentDescribes(orgs, orgId, describe, undefined, signal);
      const saved = useSaved ? mappings.find(describe, parents, operation, columns) : null;
      if (saved) return saved;
      const examples = columns.map(({ index }) =>
        firstRows.map((row) => row.cells[index] ?? '').filter((cell) => cell !== ''),
      );
      const suggested = suggestMapping(describe, parents, columns, examples, operation);
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
