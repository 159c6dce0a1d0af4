import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HandlersOf } from '../dispatch.ts';
import type { OneAtATime } from '../one-at-a-time.ts';
import { newExportFolder, offer } from '../offer-file.ts';
import type { BackendPorts } from '../ports.ts';
import { baseName } from './base-name.ts';
import type { SourceRegistry } from './source-registry.ts';
import type { StagedSources } from './staged-sources.ts';

interface SourceTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'random' | 'fileChooser' | 'fileSaver'>;
  readonly sources: SourceRegistry;
  readonly staged: StagedSources;
  /** Checks and plans read the rows that cleaning changes: one of them at a time. */
  readonly turns: OneAtATime;
}

/** Files, their rows, and what is done to the rows before they are loaded. */
export function sourceProcedures({ ports, sources, staged, turns }: SourceTools): HandlersOf<'source'> {
  return {
    'source.choose': async () => {
      const paths = await ports.fileChooser.choose();
      return paths.length === 0 ? null : sources.handOver(paths);
    },
    'source.paste': async ({ text }) => {
      const folder = join(ports.paths.data, 'uploads');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `${ports.random.token(16)}.txt`);
      await writeFile(path, text, { mode: 0o600 });
      return sources.handOver([path], { fileName: 'Pasted rows', arriving: null });
    },
    'source.open': ({ sourceId, choice }, signal) => sources.open(sourceId, choice, signal),
    'source.get': ({ sourceId }) => Promise.resolve(sources.get(sourceId)),
    'source.recent': () => Promise.resolve(sources.recent()),
    'source.stop': ({ sourceId }) => {
      sources.stop(sourceId);
      return Promise.resolve({});
    },
    'source.page': ({ sourceId, view, offset, limit }, signal) => staged.page(sourceId, view, offset, limit, signal),
    'source.glance': ({ sourceId }, signal) => staged.glance(sourceId, signal),
    'source.sketch': ({ sourceId, columns }, signal) => staged.sketch(sourceId, columns, signal),
    'source.profile': ({ sourceId, column }, signal) => staged.profile(sourceId, column, signal),
    'source.previewCleaning': ({ sourceId, step }, signal) => sources.previewCleaning(sourceId, step, signal),
    'source.clean': ({ sourceId, steps }, signal) =>
      turns.run(sourceId, signal, () => sources.clean(sourceId, steps, signal)),
    'source.edit': ({ sourceId, cells }, signal) => turns.run(sourceId, signal, () => sources.edit(sourceId, cells)),
    'source.save': ({ sourceId }, signal) =>
      turns.run(sourceId, signal, async () => {
        const folder = await newExportFolder(ports);
        const path = join(folder, 'source.csv');
        await staged.write(sourceId, path, signal);
        return offer(ports, folder, path, `${baseName(sources.get(sourceId).fileName)}-edited.csv`);
      }),
    'source.forget': async ({ sourceId }) => {
      await sources.forget(sourceId);
      return {};
    },
  };
}
