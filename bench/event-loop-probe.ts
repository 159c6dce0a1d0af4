import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Loaded into the staging process by its bench: notes the longest that its event loop was held up, in milliseconds. */
const path = process.env['LOOP_PROBE'];
if (path !== undefined && process.argv[1]?.includes('staging-process')) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  // Starting up, with its modules and DuckDB's library to load, is not what is measured.
  setTimeout(() => delay.reset(), 400).unref();
  setInterval(() => writeFileSync(path, String(delay.max / 1e6)), 200).unref();
}
