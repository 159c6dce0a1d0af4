import type { Input } from '../../../shared/contract/procedures.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { stopsLoad } from '../../../shared/domain/mapping-file.ts';
import type { ChosenMapping } from '../../../shared/domain/prepared-load.ts';
import type { Handlers } from '../dispatch.ts';
import type { SourceRegistry } from '../source/source-registry.ts';

export interface MappingTools {
  readonly sources: Pick<SourceRegistry, 'get'>;
  readonly procedures: Pick<Handlers, 'mapping.guessObject' | 'mapping.suggest' | 'mapping.readFile' | 'source.clean'>;
}

type Asked = Input<'prepare.mapping'>;

/**
 * Which mapping a source is loaded by where nobody is asked: as a mapping file has it, else as it was used last, else as it is suggested.
 * What the asker names, operation and external ID, goes before what any of them say. The source is cleaned as a mapping file wants it,
 * unless that is for another object or a part of it would be left out. Throws `MAPPING_FILE_UNREADABLE`.
 */
export async function chooseMapping(
  { sources, procedures }: MappingTools,
  { externalId, file, ...asked }: Asked,
  signal: AbortSignal,
): Promise<ChosenMapping> {
  const { orgId, sourceId, objectName } = asked;
  const source = { orgId, sourceId, objectName };
  const operation =
    asked.operation ??
    (externalId === undefined ? (await procedures['mapping.guessObject'](source, signal)).operation : 'upsert');
  const suggestion = await procedures['mapping.suggest']({ ...source, operation, useSaved: true }, signal);
  const { misfits, ...suggested } = suggestion;
  const chosen =
    file === undefined
      ? { source: sources.get(sourceId), mapping: suggested, misfits }
      : await byFile({ sources, procedures }, { ...asked, file }, suggested, signal);
  const { mapping } = chosen;
  if (mapping.operation !== 'upsert' || externalId === undefined) return chosen;
  return { ...chosen, mapping: { ...mapping, matchField: externalId } };
}

async function byFile(
  { sources, procedures }: MappingTools,
  { orgId, sourceId, objectName, operation: wanted, file }: Asked & { file: NonNullable<Asked['file']> },
  suggested: FieldMapping,
  signal: AbortSignal,
): Promise<ChosenMapping> {
  const question = { orgId, sourceId, mapping: suggested, ...file };
  const fitted = await procedures['mapping.readFile'](question, signal);
  const { misfits, cleaning, mapping } = fitted;
  const source = sources.get(sourceId);
  const isUsable = mapping.objectName.toLowerCase() === objectName.toLowerCase() && !misfits.some(stopsLoad);
  const isClean = JSON.stringify(cleaning) === JSON.stringify(source.cleaning);
  const cleaned =
    isUsable && !isClean ? await procedures['source.clean']({ sourceId, steps: cleaning }, signal) : source;
  const operation = wanted ?? mapping.operation;
  const matchField = operation === mapping.operation ? mapping.matchField : suggested.matchField;
  return { source: cleaned, mapping: { ...mapping, operation, matchField }, misfits };
}
