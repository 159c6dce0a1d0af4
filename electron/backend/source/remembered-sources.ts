import { z } from 'zod';
import type { SourceId } from '../../../shared/domain/ids.ts';
import { SourceChoice, SourceSummary } from '../../../shared/domain/source-file.ts';
import type { SettingsStore } from '../ports.ts';
import type { Source } from './source.ts';

const SETTINGS_KEY = 'sources';
/** The first rows of each: they are in its database too, and settings should stay small. */
const KEPT_ROWS = 5;

const StoredFile = z.object({ path: z.string(), fileName: z.string(), owned: z.boolean(), modifiedAt: z.number() });
/** Rises with every change of the columns that rows are kept in (stage-source.ts): rows of an earlier one are read again. */
const ROWS_KEPT = 2;

const Remembered = z.object({
  rowsKept: z.literal(ROWS_KEPT),
  summary: SourceSummary,
  files: z.array(StoredFile),
  choice: SourceChoice,
  readDigest: z.string(),
  editedColumns: z.array(z.number()),
});

/** Sources as they were left, oldest first. Settings of another version's shape are none. */
export function recallSources(settings: SettingsStore): [SourceId, Source][] {
  const stored = z.array(Remembered).safeParse(settings.get(SETTINGS_KEY));
  if (!stored.success) return [];
  return stored.data.map((known) => [
    known.summary.sourceId,
    {
      ...known,
      files: known.files.map((file) => ({ ...file, arriving: null, stamp: null })),
      staging: null,
      ended: Promise.resolve(),
      stagings: 0,
      profiles: new Map(),
      sketches: new Map(),
      acceptsChanged: false,
    },
  ]);
}

/**
 * Keeps what is staged, among what other processes keep. One that was only recalled here, and that another process has
 * forgotten since, does not come back; nor do those in `forgotten`.
 */
export function rememberSources(
  settings: SettingsStore,
  sources: Iterable<Source>,
  forgotten: ReadonlySet<SourceId>,
): void {
  const mine = [...sources].flatMap((source) =>
    remembered(source).map((entry) => ({ entry, made: source.stagings > 0 })),
  );
  const known = new Set([...forgotten, ...mine.map(({ entry }) => entry.summary.sourceId)]);
  settings.update(SETTINGS_KEY, (stored) => {
    const parsed = z.array(Remembered).safeParse(stored);
    const there = parsed.success ? parsed.data : [];
    const still = new Set(there.map(({ summary }) => summary.sourceId));
    return [
      ...there.filter(({ summary }) => !known.has(summary.sourceId)),
      ...mine.flatMap(({ entry, made }) => (made || still.has(entry.summary.sourceId) ? [entry] : [])),
    ];
  });
}

function remembered({ summary, files, choice, readDigest, editedColumns }: Source): z.infer<typeof Remembered>[] {
  if (summary?.state.kind !== 'staged') return [];
  return [
    {
      rowsKept: ROWS_KEPT,
      summary: { ...summary, preview: summary.preview.slice(0, KEPT_ROWS) },
      files: files.map(({ path, fileName, owned, modifiedAt }) => ({ path, fileName, owned, modifiedAt })),
      choice,
      readDigest,
      editedColumns: [...editedColumns],
    },
  ];
}
