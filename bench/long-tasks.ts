import type { Page } from '@playwright/test';

/** What a person did in the window, and what it cost the page. */
export interface Step {
  readonly name: string;
  /** Milliseconds from the click or key to the frame that shows the answer. */
  readonly shown: number;
  /** The longest task of the page's main thread meanwhile, in milliseconds; 0 if none was over 50. */
  readonly longest: number;
}

/**
 * Runs in the page before anything else. Tasks over 50 ms are told by the browser (W3C Long Tasks API); what is shown is told by the
 * first frame after it is in the document. The time of the last click or key is the event's own, so that handling it counts.
 */
const OBSERVER = `
  window.benchTasks = [];
  window.benchInput = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.benchTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  for (const kind of ['click', 'keydown', 'wheel'])
    addEventListener(kind, (event) => { window.benchInput = event.timeStamp; }, { capture: true, passive: true });
  window.benchShown = (condition, patience) => new Promise((resolve, reject) => {
    const began = performance.now();
    const look = () => {
      if (performance.now() - began > patience) return reject(new Error('it was never shown'));
      if (!condition()) return requestAnimationFrame(look);
      // The frame that this callback belongs to has been painted when a message sent from it arrives.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      requestAnimationFrame(() => port2.postMessage(null));
    };
    look();
  });
`;

/** Milliseconds after which an answer is held not to come. */
const PATIENCE = 15_000;

/** Tasks that begin in the answer's wake count, too. */
const WAKE = 400;

/** Measures steps in a page, one after the other. */
export class LongTasks {
  readonly #page: Page;
  readonly steps: Step[] = [];

  private constructor(page: Page) {
    this.#page = page;
  }

  static async in(page: Page): Promise<LongTasks> {
    await page.addInitScript(OBSERVER);
    return new LongTasks(page);
  }

  /** `act` gives one click or key last; `shown` is an expression of the page that is true once the answer is there. */
  async step(name: string, act: () => Promise<unknown>, shown: string): Promise<Step> {
    await this.#page.evaluate('window.benchTasks.length = 0; window.benchInput = performance.now()');
    await act();
    const took = await this.#page.evaluate<number>(
      `window.benchShown(() => ${shown}, ${PATIENCE}).then((at) => at - window.benchInput)`,
    );
    await this.#page.waitForTimeout(WAKE);
    const longest = await this.#page.evaluate<number>(
      'Math.max(0, ...window.benchTasks.map(({ duration }) => duration))',
    );
    const step = { name, shown: took, longest };
    this.steps.push(step);
    process.stdout.write(`${name}: ${took.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms\n`);
    return step;
  }
}
