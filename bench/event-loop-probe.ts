import { appendFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Loaded into the processes that a bench starts: adds to a file, every 200 ms, the longest that a process's event loop was held
 * up since the last time, as `<process> <time> <milliseconds>`. The practice org is no part of what is measured.
 */
const path = process.env['LOOP_PROBE'];
const script = process.argv[1] ?? '';
const name = script.includes('staging-process') ? 'staging' : basename(dirname(script));
if (path !== undefined && (name === 'staging' || name === 'browser')) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  // Starting up, with its modules and DuckDB's library to load, is not what is measured.
  setTimeout(() => delay.reset(), 400).unref();
  setInterval(() => {
    const longest = delay.max / 1e6;
    delay.reset();
    appendFileSync(path, `${name} ${Date.now()} ${longest.toFixed(1)}\n`);
  }, 200).unref();
}
