import { Button } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { useEffect, useRef, useState, type Dispatch } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import type { FieldMapping } from '../../shared/domain/field-mapping.ts';
import { beginsMapping, MAPPING_START } from '../../shared/domain/mapping-file.ts';
import type { OrgId } from '../../shared/domain/ids.ts';
import type { SourceSummary } from '../../shared/domain/source-file.ts';
import { givenMappingText } from '../../shared/text/mapping-file-text.ts';
import { failureOf } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { useMappingFiles } from '../steps/mapping/mapping-files.tsx';
import type { Draft, DraftAction } from './draft.ts';
import type { LoadParts } from './use-load-parts.ts';
import { useMappingHistory } from './use-mapping-history.ts';

/** A mapping to use, or why there is none. */
export type Given = File | Failure;

/**
 * Mapping files apart from the others: Data Loader's by their name, Longshore's by how they begin. One mapping is used at a time:
 * several that come together are refused.
 */
export async function partMappings(files: readonly File[]): Promise<{ given: Given | null; sources: File[] }> {
  const found = await Promise.all(files.map(isMapping));
  const mappings = files.filter((_, at) => found[at]);
  const [mapping = null] = mappings;
  const several: Given = { code: 'MAPPING_FILES_SEVERAL', files: mappings.length };
  return { given: mappings.length > 1 ? several : mapping, sources: files.filter((_, at) => !found[at]) };
}

async function isMapping(file: File): Promise<boolean> {
  if (/\.sdl$/i.test(file.name)) return true;
  if (!/\.json$/i.test(file.name)) return false;
  // What can't be read is refused where it is opened.
  return beginsMapping(
    await file
      .slice(0, MAPPING_START)
      .text()
      .catch(() => ''),
  );
}

interface GivenProps extends Omit<Props, 'file'> {
  readonly given: Given;
}

interface Props {
  readonly file: File;
  readonly draft: Draft;
  readonly dispatch: Dispatch<DraftAction>;
  readonly parts: LoadParts;
  /** It was used, or is not to be. */
  readonly done: () => void;
}

/** What came of a mapping file that was dropped, chosen or opened with the app. */
export function GivenMapping({ given, ...rest }: GivenProps) {
  if (given instanceof File) return <KeptMapping file={given} {...rest} />;
  return <FailurePanel failure={given} action={{ label: 'Close', run: rest.done }} />;
}

/** Kept until there are columns to map by it. */
function KeptMapping({ file, draft, dispatch, parts, done }: Props) {
  const { mapping, orgId } = draft;
  const { source } = parts;
  // Columns that it makes are on their way for a moment: once it is being used, it is.
  const [isUsed, setUsed] = useState(false);
  if (!isUsed && mapping && source?.state.kind === 'staged' && mapping.columns.length === source.columns.length)
    setUsed(true);
  if (isUsed && mapping && orgId && source)
    return (
      <Using
        file={file}
        draft={draft}
        dispatch={dispatch}
        mapping={mapping}
        orgId={orgId}
        source={source}
        done={done}
      />
    );
  return (
    <div className="notice" data-tone="update" role="status">
      <FileUp size={16} aria-hidden />
      <span>{givenMappingText(file.name, source !== null)}</span>
      <Button size="compact-sm" variant="default" onClick={done}>
        Don’t use it
      </Button>
    </div>
  );
}

interface UsingProps extends Omit<Props, 'parts'> {
  readonly mapping: FieldMapping;
  readonly orgId: OrgId;
  readonly source: SourceSummary;
}

/** Reads it, and shows the mapping it made; nothing has changed if it can't be read. */
function Using({ file, draft, dispatch, mapping, orgId, source, done }: UsingProps) {
  const history = useMappingHistory(draft, source, dispatch);
  const { open } = useMappingFiles({ orgId, source, mapping, history });
  const taken = useRef<File | null>(null);
  const { mutate } = open;
  useEffect(() => {
    if (taken.current === file) return;
    taken.current = file;
    mutate(file, {
      onSuccess: () => {
        dispatch({ kind: 'go', place: { kind: 'step', step: 'mapping' } });
        done();
      },
    });
  }, [file, mutate, dispatch, done]);
  const failure = open.error ? failureOf(open.error) : history.failure;
  return failure && <FailurePanel failure={failure} action={{ label: 'Close', run: done }} />;
}
