import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_OPEN, OpenDatabases } from './open-databases.ts';

const NEVER = new AbortController().signal;
const need = { columns: 10, joinedRows: 0 };

/** Stands for DuckDB: opening and closing take a while, and it knows what no real one forgives. */
class FakeDuckDb {
  readonly open = new Set<string>();
  mostOpen = 0;
  /** What opening fails for. */
  readonly refused = new Set<string>();
  /** Databases without a file: only opening one that is to be made makes it. */
  readonly missing = new Set<string>();
  readonly #scheduler: fc.Scheduler;
  readonly databases: OpenDatabases;
  provided = 0;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
    this.databases = new OpenDatabases({
      open: async (alias, { fresh }) => {
        expect(this.open.has(alias), 'opened twice').toBe(false);
        expect(this.missing.has(alias), fresh ? 'made over a file' : 'opened without a file').toBe(fresh);
        this.missing.delete(alias);
        this.open.add(alias);
        this.mostOpen = Math.max(this.mostOpen, this.open.size);
        await this.#pause();
        if (!this.refused.has(alias)) return;
        this.open.delete(alias);
        throw new Error(`${alias} is damaged`);
      },
      close: async (alias) => {
        expect(this.open.has(alias), 'closed twice').toBe(true);
        await this.#pause();
        this.open.delete(alias);
      },
      provide: async (needs) => {
        await this.#pause();
        this.provided = needs.length;
      },
    });
  }

  #pause(): Promise<void> {
    return this.#scheduler.schedule(Promise.resolve());
  }

  /** Work on a file that nobody has open, from its beginning to its end. */
  async copy(alias: string): Promise<void> {
    await this.databases.whileClosed(alias, async () => {
      expect(this.open.has(alias), 'open while its file is copied').toBe(false);
      await this.#pause();
      expect(this.open.has(alias), 'opened while its file is copied').toBe(false);
    });
  }

  /** A new file in the place of an old one, which nobody may have open meanwhile. */
  async make(alias: string): Promise<void> {
    await this.databases.replace(alias, { path: `/${alias}`, need, fresh: true }, NEVER, async () => {
      expect(this.open.has(alias), 'open while its file is replaced').toBe(false);
      await this.#pause();
      this.missing.add(alias);
      await this.#pause();
    });
  }

  /** Work that finds its databases open, at its beginning and at its end, or says which were not. */
  async work(aliases: readonly string[], signal = NEVER): Promise<string[]> {
    return this.databases.use(aliases, signal, async () => {
      const before = aliases.filter((alias) => !this.open.has(alias));
      await this.#pause();
      return [...before, ...aliases.filter((alias) => !this.open.has(alias))];
    });
  }
}

const ALIASES = Array.from({ length: 20 }, (_, index) => `plan_${index}`);
const alias = fc.constantFrom(...ALIASES);
const made = fc.constantFrom(...ALIASES.slice(0, 2));
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('use'), aliases: fc.uniqueArray(alias, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort'), aliases: fc.uniqueArray(alias, { maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen'), aliases: fc.tuple(alias) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget'), aliases: fc.tuple(alias) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy'), aliases: fc.tuple(alias) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('make'), aliases: fc.tuple(made) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('know'), aliases: fc.tuple(made) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse'), aliases: fc.tuple(alias) }) },
);

test('whatever is asked at once, in whatever order it ends: all work has its databases, never are too many open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.scheduler(), async (actions, scheduler) => {
      const duckdb = new FakeDuckDb(scheduler);
      const forgotten = new Set<string>();
      for (const one of ALIASES) await duckdb.databases.know(one, `/${one}`, need);
      // One that can't be made is not known any more.
      const named = (kind: string) => actions.flatMap((one) => (one.kind === kind ? one.aliases : []));
      for (const one of named('make')) if (named('refuse').includes(one)) forgotten.add(one);
      const done = actions.map(async ({ kind, aliases }) => {
        const [first = ''] = aliases;
        if (kind === 'reopen') return duckdb.databases.reopen(first);
        if (kind === 'copy') return forgotten.has(first) ? undefined : duckdb.copy(first);
        if (kind === 'know') {
          await scheduler.schedule(Promise.resolve());
          return forgotten.has(first) ? undefined : duckdb.databases.know(first, `/${first}`, need);
        }
        if (kind === 'make') return forgotten.has(first) ? undefined : duckdb.make(first);
        if (kind === 'forget') {
          forgotten.add(first);
          return duckdb.databases.forget(first);
        }
        if (kind === 'refuse') return void duckdb.refused.add(first);
        const stop = new AbortController();
        const missed = duckdb.work(aliases, stop.signal).catch((error: unknown) => error);
        if (kind === 'abort') stop.abort(new Error('called off'));
        const found = await missed;
        if (found instanceof Error) expect(found.message).toMatch(/damaged|called off/);
        else expect((found as string[]).filter((name) => !forgotten.has(name))).toEqual([]);
      });
      await scheduler.waitFor(Promise.all(done));
      expect(duckdb.mostOpen).toBeLessThanOrEqual(MOST_OPEN);
      // None is lost: each that was not forgotten can still be worked on, and nothing waits for ever.
      duckdb.refused.clear();
      const left = ALIASES.filter((one) => !forgotten.has(one));
      const found = await scheduler.waitFor(Promise.all(left.map((one) => duckdb.work([one]))));
      expect(found.flat()).toEqual([]);
      // Forgetting every one leaves nothing open.
      await scheduler.waitFor(Promise.all(ALIASES.map((one) => duckdb.databases.forget(one))));
      await scheduler.waitIdle();
      expect([...duckdb.open]).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('one piece of work may name more databases than may be open, and has them all', async () => {
  const scheduler = fc.scheduler;
  await fc.assert(
    fc.asyncProperty(scheduler(), async (order) => {
      const duckdb = new FakeDuckDb(order);
      for (const one of ALIASES) await duckdb.databases.know(one, `/${one}`, need);
      expect(await order.waitFor(duckdb.work(ALIASES))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test('of what no work needs a few stay open, and wide ones make room sooner', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(10, 302, 5000), fc.scheduler(), async (columns, scheduler) => {
      const duckdb = new FakeDuckDb(scheduler);
      for (const one of ALIASES) {
        await duckdb.databases.know(one, `/${one}`, { columns, joinedRows: 0 });
        await scheduler.waitFor(duckdb.work([one]));
      }
      await scheduler.waitIdle();
      expect(duckdb.open.size).toBe(columns === 10 ? 4 : 1);
      expect(duckdb.provided).toBe(duckdb.open.size);
    }),
    { numRuns: 10 },
  );
});

test('work that is called off while it waits for room leaves its place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const duckdb = new FakeDuckDb(scheduler);
      for (const one of ALIASES) await duckdb.databases.know(one, `/${one}`, need);
      const end = Promise.withResolvers<void>();
      const busy = ALIASES.slice(0, MOST_OPEN);
      const begun = Promise.withResolvers<void>();
      const all = duckdb.databases.use(busy, NEVER, () => (begun.resolve(), end.promise));
      await scheduler.waitFor(begun.promise);
      const stop = new AbortController();
      const waiting = duckdb.work([ALIASES.at(-1) ?? ''], stop.signal);
      stop.abort(new Error('called off'));
      await expect(scheduler.waitFor(waiting)).rejects.toThrow('called off');
      end.resolve();
      await scheduler.waitFor(all);
      expect(await scheduler.waitFor(duckdb.work([ALIASES.at(-1) ?? '']))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});
