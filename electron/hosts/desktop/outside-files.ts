/**
 * Files that the system asks to be opened: on macOS before the app is ready, and one by one though they were chosen together.
 * They are gathered until there is somebody to take them.
 */
export class OutsideFiles {
  #waiting: string[] = [];
  #take: ((paths: readonly string[]) => void) | null = null;
  #scheduled = false;

  add(paths: readonly string[]): void {
    this.#waiting.push(...paths);
    this.#later();
  }

  /** From now on they go here, those that waited first. */
  goTo(take: (paths: readonly string[]) => void): void {
    this.#take = take;
    this.#later();
  }

  #later(): void {
    if (this.#scheduled || this.#take === null || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const paths = this.#waiting;
      this.#waiting = [];
      this.#take?.(paths);
    });
  }
}
