import type { HandlersOf } from '../dispatch.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import { guessObject } from './guess-object.ts';
import { parentDescribes } from './parent-describes.ts';
import type { SavedMappings } from './saved-mappings.ts';
import { suggestMapping } from './suggest-mapping.ts';

interface MappingTools {
  readonly orgs: OrgDirectory;
  readonly sources: SourceRegistry;
  readonly staged: StagedSources;
  readonly mappings: SavedMappings;
}

/** Which object a file is for, and which column fills which field. */
export function mappingProcedures({ orgs, sources, staged, mappings }: MappingTools): HandlersOf<'mapping'> {
  return {
    'mapping.guessObject': ({ orgId, sourceId }) => {
      const { columns, fileName } = sources.get(sourceId);
      return guessObject(orgs, orgId, columns, fileName);
    },
    'mapping.suggest': async ({ orgId, sourceId, objectName, operation, useSaved }, signal) => {
      const describe = await orgs.describe(orgId, objectName);
      const { columns } = sources.get(sourceId);
      const firstRows = await staged.firstRows(sourceId, signal);
      const saved = useSaved ? mappings.find(describe, operation, columns) : null;
      if (saved) return saved;
      const examples = columns.map(({ index }) =>
        firstRows.map((row) => row.cells[index] ?? '').filter((cell) => cell !== ''),
      );
      return suggestMapping(describe, await parentDescribes(orgs, orgId, describe), columns, examples, operation);
    },
    'mapping.save': ({ sourceId, mapping }) => {
      sources.keepCleaning(sourceId);
      mappings.save(mapping, sources.get(sourceId).columns);
      return Promise.resolve({});
    },
  };
}
