import { nativeImage, shell, type WebContents } from 'electron';
import type { RandomSource } from '../../backend/ports.ts';

/** A sheet of paper, 24 × 30: what is under the cursor while a file is dragged. macOS refuses a drag without a picture. */
const SHEET =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABgAAAAeCAYAAAA2Lt7lAAAAUklEQVR42mOISin4Tw3MgAuAJCkFeC2hlgUwmqYWYLWE2hZgWEILC1AsoWYkY01d1LAAn8WjFpBnAX9ZHll4NA5G42A0DkbjYDQORi0YWAtoiQHjBqpJXDMl3QAAAABJRU5ErkJggg==';

/** Files that were saved since Longshore was started: the window knows them by ids, the desk by their paths. */
export class SavedFiles {
  readonly #random: RandomSource;
  readonly #paths = new Map<string, string>();

  constructor(random: RandomSource) {
    this.#random = random;
  }

  remember(path: string): string {
    const savedId = this.#random.token(16);
    this.#paths.set(savedId, path);
    return savedId;
  }

  show(savedId: string): void {
    const path = this.#paths.get(savedId);
    if (path !== undefined) shell.showItemInFolder(path);
  }

  /** Goes on with a drag that began in the window ("Native File Drag & Drop"): where it ends gets a copy of the file. */
  drag(savedId: string, window: Pick<WebContents, 'startDrag'>): void {
    const file = this.#paths.get(savedId);
    if (file !== undefined) window.startDrag({ file, icon: nativeImage.createFromDataURL(SHEET) });
  }
}
