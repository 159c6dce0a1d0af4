import { randomBytes } from 'node:crypto';
import type { SavedFile } from '../../../shared/contract/procedures.ts';

const DOWNLOAD_MINUTES = 2;

interface Waiting {
  readonly path: string;
  readonly name: string;
  readonly until: number;
}

/** Finished files waiting for the browser to fetch them, each once. */
export class Downloads {
  readonly #waiting = new Map<string, Waiting>();

  offer(path: string, name: string): SavedFile {
    for (const [id, { until }] of this.#waiting) if (until <= performance.now()) this.#waiting.delete(id);
    const id = randomBytes(24).toString('base64url');
    this.#waiting.set(id, { path, name, until: performance.now() + DOWNLOAD_MINUTES * 60_000 });
    return { kind: 'download', path: `/download/${id}`, fileName: name };
  }

  /** What is offered, and still is afterwards. */
  look(id: string): Waiting | null {
    const found = this.#waiting.get(id);
    return found && found.until > performance.now() ? found : null;
  }

  take(id: string): Waiting | null {
    const found = this.look(id);
    this.#waiting.delete(id);
    return found;
  }
}
