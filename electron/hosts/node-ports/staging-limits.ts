/**
 * V8's flags for the staging process, wherever it runs: rows pass through JavaScript in chunks, so a small heap that is swept
 * often does as well as a large one and halves what the process holds (docs/benchmarks.md). `--optimize-for-size` has it grow by less
 * at a time, and saves about 28 MiB more.
 */
export const STAGING_V8_FLAGS: readonly string[] = [
  '--max-semi-space-size=4',
  '--max-old-space-size=256',
  '--optimize-for-size',
];

/**
 * Its environment. glibc keeps an arena a thread; two are enough for DuckDB's two threads and save about 60 MiB. DuckDB's own
 * allocator, jemalloc, marks pages it no longer needs as free for the kernel to take one day (`muzzy`, in its TUNING.md); given back at
 * once they save another 60 MiB beside an open plan.
 */
export function stagingEnvironment(): NodeJS.ProcessEnv {
  const own = { MALLOC_ARENA_MAX: '2', DUCKDB_JE_MALLOC_CONF: 'muzzy_decay_ms:0,dirty_decay_ms:500' };
  return { ...process.env, ...own };
}
