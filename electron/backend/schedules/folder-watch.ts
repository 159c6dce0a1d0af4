import { dirname } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import type { Job, JobSource } from '../../../shared/domain/job.ts';
import { isUnfinished } from '../jobs/find-files.ts';
import type { Log } from '../ports.ts';

/** Tells when something happens in the folders of watching jobs. What that is, is looked at: an event is a hint, and may never come. */
export class FolderWatch {
  readonly #log: Log;
  readonly #happened: () => void;
  #folders = '';
  #watcher: FSWatcher | null = null;

  constructor(log: Log, happened: () => void) {
    this.#log = log;
    this.#happened = happened;
  }

  /** Watches the folders of these jobs, and no others. */
  async keepTo(jobs: readonly Job[]): Promise<void> {
    const watching = jobs.filter(({ definition, paused }) => definition.schedule?.kind === 'watch' && !paused);
    const folders = [...new Set(watching.flatMap(({ definition }) => foldersOf(definition.source)))].sort();
    if (folders.join('\n') === this.#folders) return;
    this.#folders = folders.join('\n');
    await this.#watcher?.close();
    this.#watcher = null;
    if (folders.length === 0) return;
    // Only what lies in the folder itself; what was moved to “done” is seen no more (chokidar, README, "Performance": depth, ignored).
    this.#watcher = watch(folders, {
      depth: 0,
      ignoreInitial: true,
      ignored: (path, stats) => stats?.isFile() === true && isUnfinished(path),
    });
    this.#watcher.on('all', this.#happened);
    // A folder that can't be watched is still looked at each minute.
    this.#watcher.on('error', (error) => this.#log.error('a folder is not watched', error));
  }

  async close(): Promise<void> {
    await this.#watcher?.close();
  }
}

function foldersOf(source: JobSource): string[] {
  switch (source.kind) {
    case 'file':
      return [dirname(source.path)];
    case 'files':
      return source.paths.map((path) => dirname(path));
    case 'folder':
      return [source.folder];
  }
}
