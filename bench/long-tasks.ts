import type { Browser, Page } from '@playwright/test';

/** What a person did in the window, and what it cost the page. All in milliseconds. */
export interface Step {
  readonly name: string;
  /** From the click or key to the first change in the window; 0 where it is only waited, and something moves to say so. */
  readonly sign: number;
  /** From the click or key to the frame that shows the answer. */
  readonly shown: number;
  /** The longest task of the page's main thread meanwhile; 0 if none was over 50. */
  readonly longest: number;
  /** The most processor time that a task took, whoever else wanted the processor; null where it was not measured. */
  readonly processor: number | null;
}

/**
 * Runs in the page before anything else. Tasks over 50 ms are told by the browser (W3C Long Tasks API); what is shown is told by the
 * first frame after it is in the document. The time of the last click or key is the event's own, so that handling it counts.
 */
const OBSERVER = `
  window.benchTasks = [];
  window.benchInput = 0;
  window.benchSign = null;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.benchTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  // What the page shows while its script is still read is there before anything in it changes.
  new PerformanceObserver(() => { if (window.benchInput === 0) window.benchSign ??= performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null; }).observe({ type: 'paint', buffered: true });
  for (const kind of ['click', 'keydown', 'wheel'])
    addEventListener(kind, (event) => { window.benchInput = event.timeStamp; window.benchSign = null; }, { capture: true, passive: true });
  addEventListener('DOMContentLoaded', () => {
    const changed = () => {
      if (window.benchSign !== null) return;
      window.benchSign = 0;
      requestAnimationFrame(() => { window.benchSign = performance.now(); });
    };
    new MutationObserver(changed).observe(document.body, { childList: true, characterData: true, attributes: true, subtree: true });
    addEventListener('scroll', changed, { capture: true, passive: true });
  });
  window.benchShown = (condition, patience) => new Promise((resolve, reject) => {
    const began = performance.now();
    const look = () => {
      if (performance.now() - began > patience) return reject(new Error('it was never shown'));
      try {
        if (!condition()) return requestAnimationFrame(look);
      } catch (error) {
        return reject(error);
      }
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

/** Whether something in the page moves without end: it is there to say that work goes on. */
const MOVES = `document.getAnimations().some((one) => one.playState === 'running' && one.effect.getTiming().iterations === Infinity)`;

/** What Chromium calls a task of a thread in its traces. */
const TASK = 'ThreadControllerImpl::RunTask';

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time, µs. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Measures steps in a page, one after the other. */
export class LongTasks {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly steps: Step[] = [];

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  static async in(browser: Browser, page: Page): Promise<LongTasks> {
    await page.addInitScript(OBSERVER);
    return new LongTasks(browser, page);
  }

  /**
   * `act` gives one click or key last, or is null where something begun before is waited for; `shown` is an expression of the page that is true once the answer is there, `patience`
   * milliseconds later at most. What takes long is not traced: traces are kept in memory.
   */
  async step(name: string, act: (() => Promise<unknown>) | null, shown: string, patience = PATIENCE): Promise<Step> {
    const isTraced = patience <= PATIENCE;
    if (isTraced) await this.#browser.startTracing(this.#page, { categories: ['toplevel'] });
    // What waits on goes on saying so: what turns or runs to and fro without end is no change of the document.
    const moves = await this.#page.evaluate<boolean>(
      `window.benchTasks = []; window.benchInput = performance.now(); window.benchSign = null; ${MOVES}`,
    );
    await act?.();
    const took = await this.#page.evaluate<number>(
      `window.benchShown(() => ${shown}, ${patience}).then((at) => at - window.benchInput)`,
    );
    await this.#page.waitForTimeout(WAKE);
    const changed = await this.#page.evaluate<number>('window.benchSign - window.benchInput');
    const sign = moves && act === null ? 0 : changed;
    const longest = await this.#page.evaluate<number>(
      'Math.max(0, ...window.benchTasks.map(({ duration }) => duration))',
    );
    const processor = isTraced ? longestProcessorTime(await this.#browser.stopTracing()) : null;
    const step = { name, sign: Math.max(0, Math.min(sign, took)), shown: took, longest, processor };
    this.steps.push(step);
    const ofProcessor = processor === null ? '' : ` (${processor.toFixed(0)} ms of a processor)`;
    process.stdout.write(
      `${name}: sign ${step.sign.toFixed(0)} ms, ${took.toFixed(0)} ms, longest task ${longest.toFixed(0)} ms${ofProcessor}\n`,
    );
    return step;
  }
}

/** Of the busiest page of a trace, in milliseconds. */
function longestProcessorTime(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = new Map<string, { sum: number; longest: number }>();
  for (const { name, pid, tid, args } of traceEvents)
    if (name === 'thread_name' && args?.name === 'CrRendererMain') threads.set(`${pid} ${tid}`, { sum: 0, longest: 0 });
  for (const { name, pid, tid, tdur } of traceEvents) {
    const thread = threads.get(`${pid} ${tid}`);
    if (name !== TASK || !thread || tdur === undefined) continue;
    thread.sum += tdur;
    thread.longest = Math.max(thread.longest, tdur);
  }
  const busiest = [...threads.values()].sort((a, b) => b.sum - a.sum)[0];
  return (busiest?.longest ?? 0) / 1000;
}
