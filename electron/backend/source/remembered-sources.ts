import { z } from 'zod';
import type { SourceId } from '../../../shared/domain/ids.ts';
import { SourceChoice, SourceSummary } from '../../../shared/domain/source-file.ts';
import type { SettingsStore } from '../ports.ts';
import type { Source } from './source.ts';

const SETTINGS_KEY = 'sources';
/** The first rows of each: they are in its database too, and settings should stay small. */
const KEPT_ROWS = 5;

const StoredFile = z.object({ path: z.string(), fileName: z.string(), owned: z.boolean(), modifiedAt: z.number() });
const Remembered = z.object({
  summary: SourceSummary,
  files: z.array(StoredFile),
  choice: SourceChoice,
  readDigest: z.string(),
  editedColumns: z.array(z.number()),
});

/** Sources as they were left, oldest first. Settings of another version's shape are none. */
export function recallSources(settings: SettingsStore): [SourceId, Source][] {
  const remembered = z.array(Remembered).safeParse(settings.get(SETTINGS_KEY));
  if (!remembered.success) return [];
  return remembered.data.map((known) => [
    known.summary.sourceId,
    {
      ...known,
      files: known.files.map((file) => ({ ...file, arriving: null })),
      staging: null,
      ended: Promise.resolve(),
      stagings: 0,
      profiles: new Map(),
    },
  ]);
}

/** Keeps what is staged. */
export function rememberSources(settings: SettingsStore, sources: Iterable<Source>): void {
  settings.set(
    SETTINGS_KEY,
    [...sources].flatMap(({ summary, files, choice, readDigest, editedColumns }) =>
      summary?.state.kind === 'staged'
        ? [
            {
              summary: { ...summary, preview: summary.preview.slice(0, KEPT_ROWS) },
              files: files.map(({ path, fileName, owned, modifiedAt }) => ({ path, fileName, owned, modifiedAt })),
              choice,
              readDigest,
              editedColumns,
            },
          ]
        : [],
    ),
  );
}
