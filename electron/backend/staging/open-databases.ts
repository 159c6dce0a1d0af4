import type { MemoryNeed } from './staging-functions.ts';

/** Databases open at a time, if no single statement names more of them. */
export const MOST_OPEN = 8;

/** Those that stay open although nothing works on them: what a person goes back and forth between. */
const MOST_IDLE = 4;

/**
 * Columns of all that is open beyond which idle ones are closed: what was written to a database and not checkpointed lies in
 * memory by the column, 21 MB for a plan of 302.
 */
const MOST_COLUMNS = 600;

export interface KnownDatabase {
  readonly path: string;
  readonly need: MemoryNeed;
  /** True until it has been opened once: only then may its file be made. */
  readonly fresh: boolean;
}

/** What the bookkeeping has done for it. */
export interface DatabaseActions {
  open(alias: string, database: KnownDatabase): Promise<void>;
  close(alias: string): Promise<void>;
  /** Tells what all that is open needs together. */
  provide(needs: readonly MemoryNeed[]): Promise<void>;
}

interface OpenDatabase {
  /** Pieces of work that need it now. */
  uses: number;
  /** One that is leaving is closed as soon as no one uses it, and no one may begin to. */
  state: 'opening' | 'open' | 'leaving';
}

/**
 * Which of the databases that are known are open. Work names those it needs and has them open for its whole life; of what
 * no work needs the longest idle are closed, and opened again when they are named. Work must not ask for databases while
 * it holds others: it would wait for itself.
 */
export class OpenDatabases {
  readonly #actions: DatabaseActions;
  readonly #known = new Map<string, KnownDatabase>();
  /** In the order of their last use. */
  readonly #open = new Map<string, OpenDatabase>();
  /** Opening and closing, one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #providing: Promise<unknown> = Promise.resolve();
  #change = Promise.withResolvers<void>();

  constructor(actions: DatabaseActions) {
    this.#actions = actions;
  }

  /** What an open one needs may have changed. */
  async know(alias: string, path: string, need: MemoryNeed): Promise<void> {
    const before = this.#known.get(alias);
    // One that is being made is told of by others, too, before its file is there.
    this.#known.set(alias, { path, need, fresh: before?.path === path && before.fresh });
    if (this.#open.has(alias)) await this.#provide();
  }

  /**
   * Puts another database in the place of one, or where there is none. `work` sees to the files while nobody has it open; whoever
   * names it meanwhile waits, and finds the new one.
   */
  async replace(alias: string, next: KnownDatabase, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const letGo = await this.#closeAndHold(alias);
    try {
      await work();
      this.#known.set(alias, next);
    } catch (error) {
      this.#known.delete(alias);
      throw error;
    } finally {
      letGo();
    }
    try {
      await this.use([alias], signal, () => Promise.resolve());
    } catch (error) {
      this.#known.delete(alias);
      throw error;
    }
  }

  /** Tells of columns that were not known when the database was. */
  async expectColumns(alias: string, columns: number): Promise<void> {
    const known = this.#known.get(alias);
    if (known) this.#known.set(alias, { ...known, need: { ...known.need, columns } });
    await this.#provide();
  }

  /** Closes a database for good, once nothing works on it any more. */
  async forget(alias: string): Promise<void> {
    this.#known.delete(alias);
    await this.reopen(alias);
  }

  /** Has whoever names the database next find it opened anew. */
  async reopen(alias: string): Promise<void> {
    const database = this.#open.get(alias);
    if (!database) return;
    database.state = 'leaving';
    while (this.#open.get(alias) === database) {
      if (database.uses > 0) await this.#change.promise;
      else await this.#inTurn(() => this.#closeUnused(alias, database));
    }
  }

  /** Runs work on a database’s file while nobody has it open; whoever names it meanwhile waits. */
  async whileClosed<T>(alias: string, work: (path: string) => Promise<T>): Promise<T> {
    const known = this.#known.get(alias);
    if (!known) throw new Error(`${alias} is not known`);
    const letGo = await this.#closeAndHold(alias);
    try {
      return await work(known.path);
    } finally {
      letGo();
    }
  }

  /** Closes a database once nothing works on it; nobody opens it before it is let go. */
  async #closeAndHold(alias: string): Promise<() => void> {
    const held: OpenDatabase = { uses: 1, state: 'leaving' };
    while (this.#open.get(alias) !== held) {
      const database = this.#open.get(alias);
      if (database) database.state = 'leaving';
      if (database && database.uses > 0) await this.#change.promise;
      else await this.#inTurn(() => this.#closeFor(alias, held));
    }
    return () => {
      this.#open.delete(alias);
      this.#tellChange();
    };
  }

  /** Puts `held` in the place of an open database, unless somebody uses that again. */
  async #closeFor(alias: string, held: OpenDatabase): Promise<void> {
    const database = this.#open.get(alias);
    if (database) await this.#closeUnused(alias, database);
    if (!this.#open.has(alias)) this.#open.set(alias, held);
  }

  /** Runs work with these databases open. What is not known is not ours, and is left to the work to miss. */
  async use<T>(aliases: readonly string[], signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const wanted = aliases.filter((alias) => this.#known.has(alias));
    const held: string[] = [];
    try {
      await this.#hold(wanted, held, signal);
      return await work();
    } finally {
      this.#letGo(held);
      // Whoever needs a database that could not be closed tries again, and hears why.
      if (this.#idle().length > MOST_IDLE) this.#inTurn(() => this.#closeLongestIdle()).catch(() => undefined);
    }
  }

  async #hold(wanted: readonly string[], held: string[], signal: AbortSignal): Promise<void> {
    for (;;) {
      if (wanted.some((alias) => this.#isBusyLeaving(alias))) {
        await this.#changed(signal);
      } else if (wanted.every((alias) => this.#open.get(alias)?.state === 'open')) {
        for (const alias of wanted) this.#take(alias, held);
        return;
      } else if (await this.#inTurn(() => this.#openAll(wanted, held, signal))) {
        return;
      }
    }
  }

  /** False if one of them has to be waited for, which must not keep others from opening theirs. */
  async #openAll(wanted: readonly string[], held: string[], signal: AbortSignal): Promise<boolean> {
    // Those that are open are taken first, so that they are not closed to make room for the others.
    for (const alias of wanted) if (this.#open.get(alias)?.state === 'open') this.#take(alias, held);
    for (const alias of wanted.filter((one) => !held.includes(one))) {
      if (this.#isBusyLeaving(alias)) {
        this.#letGo(held);
        return false;
      }
      const left = this.#open.get(alias);
      if (left) await this.#closeUnused(alias, left);
      const database = this.#known.get(alias);
      if (!database) continue;
      await this.#makeRoom(database.need.columns, held, signal);
      await this.#openOne(alias, database);
      this.#take(alias, held);
    }
    return true;
  }

  async #openOne(alias: string, database: KnownDatabase): Promise<void> {
    const opening: OpenDatabase = { uses: 0, state: 'opening' };
    this.#open.set(alias, opening);
    try {
      await this.#provide();
      await this.#actions.open(alias, database);
    } catch (error) {
      this.#open.delete(alias);
      this.#tellChange();
      throw error;
    }
    if (opening.state === 'opening') opening.state = 'open';
    const known = this.#known.get(alias);
    if (known?.path === database.path) this.#known.set(alias, { ...known, fresh: false });
  }

  /** Closes idle ones until another fits. If too many are in use, it waits for the first that is not. */
  async #makeRoom(columns: number, held: readonly string[], signal: AbortSignal): Promise<void> {
    for (;;) {
      const isFull = this.#open.size >= MOST_OPEN;
      if (!isFull && this.#columns() + columns <= MOST_COLUMNS) return;
      const [longest] = this.#idle();
      if (longest) await this.#closeUnused(...longest);
      else if (!isFull || this.#open.size === held.length) return;
      else await this.#changed(signal);
    }
  }

  async #closeLongestIdle(): Promise<void> {
    const idle = this.#idle();
    const [longest] = idle;
    if (longest && idle.length > MOST_IDLE) await this.#closeUnused(...longest);
  }

  async #closeUnused(alias: string, database: OpenDatabase): Promise<void> {
    if (this.#open.get(alias) !== database || database.uses > 0) return;
    database.state = 'leaving';
    await this.#actions.close(alias);
    this.#open.delete(alias);
    this.#tellChange();
    await this.#provide();
  }

  #isBusyLeaving(alias: string): boolean {
    const database = this.#open.get(alias);
    return database !== undefined && database.state === 'leaving' && database.uses > 0;
  }

  /** Those that nothing works on, the longest idle first. */
  #idle(): [string, OpenDatabase][] {
    return [...this.#open].filter(([, { uses }]) => uses === 0);
  }

  #columns(): number {
    return [...this.#open.keys()].reduce((sum, alias) => sum + (this.#known.get(alias)?.need.columns ?? 0), 0);
  }

  #take(alias: string, held: string[]): void {
    const database = this.#open.get(alias);
    if (!database) return;
    database.uses++;
    held.push(alias);
  }

  #letGo(held: string[]): void {
    for (const alias of held.splice(0)) {
      const database = this.#open.get(alias);
      if (!database) continue;
      database.uses--;
      this.#open.delete(alias);
      this.#open.set(alias, database);
    }
    this.#tellChange();
  }

  #provide(): Promise<void> {
    const provided = this.#providing
      .catch(() => undefined)
      .then(() => {
        const needs = [...this.#open.keys()].map((alias) => this.#known.get(alias)?.need);
        return this.#actions.provide(needs.filter((need) => need !== undefined));
      });
    this.#providing = provided;
    return provided;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine;
    return mine;
  }

  #tellChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }

  async #changed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#change.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
