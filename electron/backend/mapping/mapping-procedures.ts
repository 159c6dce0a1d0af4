import { newWay } from '../../../shared/domain/choose-way.ts';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { LoadId, OrgId, SourceId } from '../../../shared/domain/ids.ts';
import type { SuggestedMapping } from '../../../shared/domain/mapping-file.ts';
import type { SourceColumn } from '../../../shared/domain/source-file.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { HandlersOf } from '../dispatch.ts';
import type { BackendPorts } from '../ports.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { Preferences } from '../settings/preferences.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import { fitFormer, type Described } from './fit-mapping.ts';
import { fitLoaded, type LoadedMapping } from './fit-loaded.ts';
import { guessObject } from './guess-object.ts';
import { objectOf, readMappingFile, saveMappingFile } from './mapping-files.ts';
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
  readonly loads: { planOf(loadId: LoadId): Promise<LoadedMapping> };
  readonly ports: Pick<BackendPorts, 'paths' | 'random' | 'fileSaver'>;
}

/** Which object a file is for, and which column fills which field. */
export function mappingProcedures({
  orgs,
  sources,
  staged,
  mappings,
  preferences,
  loads,
  ports,
}: MappingTools): HandlersOf<'mapping'> {
  /** A few values a column, by column index. */
  const examplesOf = async (sourceId: SourceId, signal: AbortSignal): Promise<string[][]> => {
    const firstRows = await staged.firstRows(sourceId, signal);
    const width = Math.max(0, ...sources.get(sourceId).columns.map(({ index }) => index + 1));
    return Array.from({ length: width }, (_, index) =>
      firstRows.map((row) => row.cells[index] ?? '').filter((cell) => cell !== ''),
    );
  };
  /** What a mapping is made for, and the objects of its lookups: those it has, or all. */
  const describedFor = async (orgId: OrgId, objectName: string, signal: AbortSignal): Promise<Described> => {
    const describe = await orgs.describe(orgId, objectName, false, signal);
    return { describe, parents: await parentDescribes(orgs, orgId, describe, undefined, signal) };
  };
  return {
    'mapping.guessObject': async ({ orgId, sourceId, objectName }, signal) => {
      const { columns, fileName } = sources.get(sourceId);
      const last = mappings.last(columns, objectName);
      const objects = await orgs.objects(orgId);
      if (last && objects.some(({ name }) => name.toLowerCase() === last.objectName.toLowerCase())) return last;
      return guessObject(orgs, orgId, columns, await examplesOf(sourceId, signal), fileName, objectName);
    },
    'mapping.suggest': async ({ orgId, sourceId, objectName, operation, useSaved, former }, signal) => {
      const described = await describedFor(orgId, objectName, signal);
      const { columns } = sources.get(sourceId);
      const examples = await examplesOf(sourceId, signal);
      const suggested = suggestMapping(described.describe, described.parents, columns, examples, operation);
      if (former) {
        const fitted = withSuggestions(fitFormer(former, described, columns), suggested, columns);
        // Whoever made a column knows of it.
        return { ...fitted, misfits: fitted.misfits.filter(({ code }) => code !== 'COLUMNS_NEW') };
      }
      const saved = useSaved ? mappings.find(described, operation, columns) : null;
      if (saved) return withSuggestions(saved, suggested, columns);
      const { blankValues, way: chosen } = preferences.current;
      const way = newWay(operation, chosen);
      return { ...suggested, blankValues, ...(way === undefined ? {} : { policies: { way } }), misfits: [] };
    },
    'mapping.ofLoad': async ({ orgId, sourceId, loadId }, signal) => {
      const loaded = await loads.planOf(loadId);
      const described = await describedFor(orgId, loaded.plan.mapping.objectName, signal);
      return fitLoaded(loaded, sources.get(sourceId), described);
    },
    'mapping.save': async ({ orgId, sourceId, mapping: given }, signal) => {
      const describe = await orgs.describe(orgId, given.objectName, false, signal);
      const parents = await mappedParents(orgs, orgId, describe, given, signal);
      const { columns } = sources.get(sourceId);
      const mapping = settled(given, { describe, parents }, columns);
      sources.keepCleaning(sourceId);
      mappings.save(mapping, columns);
      return {};
    },
    'mapping.readFile': async ({ orgId, sourceId, mapping, fileName, content }, signal) => {
      const described = await describedFor(orgId, objectOf(content) ?? mapping.objectName, signal);
      return readMappingFile({ fileName, content, mapping }, sources.get(sourceId), described);
    },
    'mapping.writeFile': async ({ orgId, sourceId, mapping: given, form }, signal) => {
      const describe = await orgs.describe(orgId, given.objectName, false, signal);
      const described = { describe, parents: await mappedParents(orgs, orgId, describe, given, signal) };
      const source = sources.get(sourceId);
      return saveMappingFile(ports, { mapping: settled(given, described, source.columns), form }, source, described);
    },
  };
}

/** Throws `MAPPING_BLOCKED`. */
function settled(
  given: FieldMapping,
  { describe, parents }: Described,
  columns: readonly SourceColumn[],
): FieldMapping {
  const { mapping, issues } = settleMapping(given, describe, parents, columns);
  if (issues.length > 0) throw new FailureError({ code: 'MAPPING_BLOCKED', problems: issues.length });
  return mapping;
}

/** Columns that a mapping used before did not know are suggested a field like any other, unless it is filled. */
function withSuggestions(
  saved: SuggestedMapping,
  suggested: FieldMapping,
  columns: readonly SourceColumn[],
): SuggestedMapping {
  const fresh = new Set(saved.misfits.flatMap((misfit) => (misfit.code === 'COLUMNS_NEW' ? misfit.columns : [])));
  const filled = new Set(mappedColumns(saved).map(({ target }) => target.field));
  return {
    ...saved,
    columns: saved.columns.map((entry) => {
      if (!fresh.has(columnLabel(columns[entry.column]?.name, entry.column))) return entry;
      const other = suggested.columns.find(({ column }) => column === entry.column);
      return !other || other.target.kind === 'ignored' || filled.has(other.target.field) ? entry : other;
    }),
  };
}
