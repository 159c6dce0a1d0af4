import type { LoadId } from '../../../shared/domain/ids.ts';
import { loadProgress } from '../../../shared/domain/load-progress.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { loadEndText, type DeskText } from '../../../shared/text/desk-text.ts';

/** What of the desk shows that a load runs; the pieces of Electron behind it are in `open-desk.ts`. */
export interface DeskSigns {
  /** `BrowserWindow.setProgressBar`; -1 takes it away. */
  progress(share: number, mode: 'normal' | 'indeterminate' | 'paused'): void;
  /** Keeps the computer from sleeping, until what it gives is called. */
  keepAwake(): () => void;
  /** Nobody looks at the window. */
  isAway(): boolean;
  notify(text: DeskText, loadId: LoadId): void;
}

/**
 * The loads of this process as the desk shows them: how far they are on the taskbar or dock, a computer that stays awake for
 * exactly as long as one runs, and a notification when one ends or pauses while nobody looks.
 */
export class LoadsOnDesk {
  readonly #signs: DeskSigns;
  readonly #running = new Map<LoadId, LoadSnapshot>();
  #stopped: LoadSnapshot | null = null;
  #sleep: (() => void) | null = null;

  constructor(signs: DeskSigns) {
    this.#signs = signs;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Every snapshot of every load, as the backend tells them. */
  see(load: LoadSnapshot): void {
    const { loadId, state } = load;
    if (state.kind === 'running' || state.kind === 'cancelling') {
      this.#running.set(loadId, load);
      if (this.#stopped?.loadId === loadId) this.#stopped = null;
      this.#sleep ??= this.#signs.keepAwake();
      this.#show();
      return;
    }
    // Told again after its end, as it is when it is opened, it is no news.
    if (!this.#running.delete(loadId)) return;
    if (this.#running.size === 0) {
      this.#sleep?.();
      this.#sleep = null;
    }
    const away = this.#signs.isAway();
    if (away && state.kind === 'paused') this.#stopped = load;
    this.#show();
    if (away) this.#signs.notify(loadEndText(load), loadId);
  }

  /** The window is being looked at, and says itself what is paused. */
  lookedAt(): void {
    if (this.#stopped === null) return;
    this.#stopped = null;
    this.#show();
  }

  #show(): void {
    const running = [...this.#running.values()];
    if (running.length === 0) {
      if (this.#stopped === null) this.#signs.progress(-1, 'normal');
      else this.#signs.progress(loadProgress(this.#stopped).share, 'paused');
      return;
    }
    const { share } = loadProgress(...running);
    this.#signs.progress(share, share === 0 ? 'indeterminate' : 'normal');
  }
}
