import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FetchWay } from '../../../../shared/domain/fetched-records.ts';
import { OrgId } from '../../../../shared/domain/ids.ts';
import { diskFailure, writeDurably } from '../../documents/durable-file.ts';
import { parseJson } from '../../parse-json.ts';

const NAME = 'fetch.json';
const WHAT = 'The fetched records';

const FetchDocument = z.object({
  version: z.literal(1),
  orgId: OrgId,
  way: FetchWay,
  /** When it began, by the org's clock and by this computer's. */
  at: z.number(),
  begunAt: z.number(),
  /** The process that fetched last. */
  process: z.string(),
  apiCalls: z.number(),
  listsDone: z.number(),
  /** The query job under way; results are read from the locator on, the beginning where that is null. */
  job: z.object({ id: z.string(), locator: z.string().nullable(), header: z.string().nullable() }).nullable(),
  /** What came so far, in order: pages of a query job, or rows of a key list as JSON. */
  pages: z.array(
    z.object({
      name: z.string().regex(/^\w+\.(csv|json)$/),
      records: z.number(),
      bytes: z.number(),
    }),
  ),
  complete: z.boolean(),
  /** A plan was made of it: to be used again only where that is asked for. */
  planned: z.boolean(),
});
export type FetchDocument = z.infer<typeof FetchDocument>;

/** A fetch as it lies in a folder; null where there is none that can be gone on with. */
export async function readFetch(folder: string): Promise<FetchDocument | null> {
  const text = await readFile(join(folder, NAME), 'utf8').catch(() => '');
  const document = FetchDocument.safeParse(parseJson(text));
  if (!document.success) return null;
  for (const { name, bytes } of document.data.pages) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.size !== bytes) return null;
  }
  return document.data;
}

/** One fetch while it is at work: every page that came is on disk, with what comes after it, before the next is asked for. */
export class KeptFetch {
  readonly folder: string;
  readonly #calls: () => number;
  readonly #callsBefore: number;
  #document: FetchDocument;

  /** `calls` counts those made by now in this run. */
  constructor(folder: string, document: FetchDocument, calls: () => number) {
    this.folder = folder;
    this.#document = document;
    this.#calls = calls;
    this.#callsBefore = document.apiCalls;
  }

  get document(): FetchDocument {
    return this.#document;
  }

  get records(): number {
    return this.#document.pages.reduce((sum, page) => sum + page.records, 0);
  }

  /** A name for the next page. */
  pageFile(kind: 'csv' | 'json'): string {
    return join(this.folder, `page_${this.#document.pages.length}.${kind}`);
  }

  async #save(change: Partial<FetchDocument>): Promise<void> {
    this.#document = { ...this.#document, ...change, apiCalls: this.#callsBefore + this.#calls() };
    await writeDurably(join(this.folder, NAME), JSON.stringify(this.#document), WHAT);
  }

  begin(way: FetchWay): Promise<void> {
    return this.#save({ way });
  }

  /** Rows of one key list, as the table has them. */
  async listDone(rows: readonly (readonly string[])[]): Promise<void> {
    const file = this.pageFile('json');
    const text = JSON.stringify(rows);
    await writeFile(file, text, { mode: 0o600 }).catch((error: unknown) => {
      throw diskFailure(error, WHAT);
    });
    await this.#save({ pages: this.#with(file, rows.length, Buffer.byteLength(text)), listsDone: this.#done });
  }

  get #done(): number {
    return this.#document.listsDone + 1;
  }

  #with(file: string, records: number, bytes: number): FetchDocument['pages'] {
    return [...this.#document.pages, { name: file.slice(this.folder.length + 1), records, bytes }];
  }

  jobBegun(id: string): Promise<void> {
    return this.#save({ job: { id, locator: null, header: null } });
  }

  /** A page of results that is whole; `next` is where the one after it begins, null after the last. */
  async pageDone(file: string, page: { records: number; header: string; next: string | null }): Promise<void> {
    const { size } = await stat(file);
    const { job } = this.#document;
    const pages = this.#with(file, page.records, size);
    // After the last page the whole list is done: nothing lies between the two.
    if (page.next === null || !job) await this.#save({ pages, job: null, listsDone: this.#done });
    else await this.#save({ pages, job: { id: job.id, locator: page.next, header: page.header } });
  }

  completed(): Promise<void> {
    return this.#save({ complete: true });
  }

  planned(): Promise<void> {
    return this.#save({ planned: true });
  }

  /** Takes away what came: it begins with nothing, at a time of the org's clock. */
  async startOver(at: number, begunAt: number): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const empty = { pages: [], job: null, listsDone: 0, complete: false, planned: false } as const;
    this.#document = { ...this.#document, ...empty, pages: [], at, begunAt };
  }
}

export function newDocument(orgId: OrgId, at: number, begunAt: number, process: string): FetchDocument {
  const empty = { apiCalls: 0, listsDone: 0, job: null, pages: [], complete: false, planned: false };
  return { version: 1, orgId, way: 'none', at, begunAt, process, ...empty };
}
