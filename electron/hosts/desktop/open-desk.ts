import { app, clipboard, ipcMain, nativeTheme, shell, type BrowserWindow } from 'electron';
import type { Backend } from '../../backend/create-backend.ts';
import type { Log, RandomSource } from '../../backend/ports.ts';
import type { BackendEvent } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { procedures } from '../../../shared/contract/procedures.ts';
import { DeskRequest } from '../../../shared/contract/wire.ts';
import { pathOf } from '../node-ports/log-file.ts';
import { incident } from '../node-ports/unexpected.ts';
import { aboutLongshore } from './about.ts';
import { AppMenu } from './app-menu.ts';
import { askBeforeQuit } from './ask-before-quit.ts';
import { deskSigns } from './desk-signs.ts';
import { Incidents } from './incidents.ts';
import { isOurs } from './ipc.ts';
import { LoadsOnDesk } from './loads-on-desk.ts';
import { mainWindow, showMainWindow } from './main-window.ts';
import { openOutside } from './open-outside.ts';
import { partMappings, tellMappings } from './outside-mapping.ts';
import type { OutsideFiles } from './outside-files.ts';
import type { SavedFiles } from './saved-files.ts';
import { WindowCommands } from './window-commands.ts';

/** As many as fit below each other without looking for one. */
const MAX_RECENT = 10;

interface DeskParts {
  readonly backend: Backend;
  readonly log: Log;
  readonly random: RandomSource;
  readonly saved: SavedFiles;
  readonly files: OutsideFiles;
  /** Where the documentation is; null where the app does not know. */
  readonly homepage: string | null;
}

/**
 * What a desk has around the window: the menu, files that come from outside, and what shows that a load runs. Called before
 * there is a window. Gives the backend as the window should have it, so that the desk learns of what it is asked.
 */
export function openDesk(parts: DeskParts): Backend {
  const desk = new Desk(parts);
  desk.open();
  return desk.backend;
}

class Desk {
  readonly backend: Backend;
  readonly #parts: DeskParts;
  readonly #commands = new WindowCommands((event) => mainWindow()?.webContents.send('event', event));
  readonly #incidents = new Incidents(() => this.#menu.change({ hasIncident: true }));
  readonly #loads = new LoadsOnDesk(deskSigns((loadId) => this.#commands.send({ kind: 'open-load', loadId })));
  readonly #menu: AppMenu;
  #lastStaged = '';

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.backend = this.#watched(parts.backend);
    this.#menu = this.#makeMenu();
  }

  open(): void {
    const { backend, files, homepage, log } = this.#parts;
    aboutLongshore(homepage);
    const watch = backend.subscribe((event) => this.#see(event));
    // The pauses that quitting brings are no news: they were asked for.
    app.once('will-quit', () => watch());
    ipcMain.on('desk', (event, raw: unknown) => {
      const request = DeskRequest.safeParse(raw);
      if (isOurs(event) && request.success) this.#answer(request.data, event.sender);
    });
    app.on('browser-window-created', (_event, window) => {
      askBeforeQuit(window, this.#loads, log);
      window.on('focus', () => this.#loads.lookedAt());
      // A page that is loaded anew says so when it listens again.
      window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) this.#commands.gone();
      });
    });
    files.goTo((paths) => void this.#openFiles(paths));
    void this.#nameRecent();
  }

  #makeMenu(): AppMenu {
    const { homepage, log } = this.#parts;
    return new AppMenu(
      {
        platform: process.platform,
        isPackaged: app.isPackaged,
        can: [],
        theme: 'system',
        recent: [],
        hasDocumentation: homepage !== null,
        hasLog: log.place !== '',
        hasIncident: false,
      },
      {
        command: (command) => {
          showMainWindow();
          this.#commands.send(command);
        },
        documentation: () => {
          if (homepage === null) return;
          void openOutside(homepage).catch((error: unknown) => log.error('no browser came', error));
        },
        showLog: () => shell.showItemInFolder(pathOf(log.place)),
        copyIncident: () => {
          const details = this.#incidents.details(app.getVersion());
          void clipboard.writeText(details).catch((error: unknown) => log.error('nothing was copied', error));
        },
      },
    );
  }

  #answer(request: DeskRequest, window: BrowserWindow['webContents']): void {
    const { log, saved } = this.#parts;
    switch (request.kind) {
      case 'listening':
        // The system's own dialogs and the window's frame go with the page.
        nativeTheme.themeSource = request.theme;
        this.#menu.change({ can: request.can, theme: request.theme });
        this.#commands.listening();
        break;
      case 'show-saved':
        saved.show(request.savedId);
        break;
      case 'drag-saved':
        saved.drag(request.savedId, window);
        break;
      case 'show-log':
        if (log.place !== '') shell.showItemInFolder(pathOf(log.place));
        break;
    }
  }

  #see(event: BackendEvent): void {
    if (event.topic === 'load') this.#loads.see(event.load);
    if (event.topic !== 'source' || event.source.state.kind !== 'staged') return;
    if (event.source.sourceId === this.#lastStaged) return;
    this.#lastStaged = event.source.sourceId;
    void this.#nameRecent();
  }

  async #nameRecent(): Promise<void> {
    const answer = await this.#parts.backend.call('source.recent', {}, new AbortController().signal);
    const known = procedures['source.recent'].output.safeParse(answer.ok ? answer.value : []);
    const recent = (known.data ?? []).slice(0, MAX_RECENT);
    this.#menu.change({ recent: recent.map(({ sourceId, fileName }) => ({ sourceId, fileName })) });
  }

  async #openFiles(paths: readonly string[]): Promise<void> {
    const { log, random } = this.#parts;
    try {
      const { mappings, sources } = await partMappings(paths);
      const given = await tellMappings(mappings);
      if (given !== null) this.#commands.send(given);
      if (sources.length > 0)
        this.#commands.send({ kind: 'open-source', sourceId: await this.backend.handOver(sources) });
    } catch (error) {
      const failure =
        error instanceof FailureError ? error.failure : incident(log, random, 'files were not opened', error);
      this.#incidents.note(failure);
      this.#commands.send({ kind: 'files-refused', failure });
    }
  }

  /** The system's own list of recent files (jump list, dock) is of paths, and the incidents of a menu are of any call. */
  #watched(backend: Backend): Backend {
    return {
      ...backend,
      call: async (procedure, input, signal) => {
        const answer = await backend.call(procedure, input, signal);
        if (!answer.ok) this.#incidents.note(answer.failure);
        return answer;
      },
      handOver: async (paths, copy) => {
        const sourceId = await backend.handOver(paths, copy);
        for (const path of paths) app.addRecentDocument(path);
        return sourceId;
      },
    };
  }
}
