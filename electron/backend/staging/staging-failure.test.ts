import { describe, expect, test } from 'vitest';
import { isFatal, isInvalidated, stagingFailure } from './staging-failure.ts';

const PLAN = 'plan_0123456789abcdef';
const SOURCE = 'src_0123456789abcdef';
const meaning = (message: string, aliases = [PLAN]) => stagingFailure(new Error(message), aliases);

describe('what DuckDB says, as it was seen in 1.5.5', () => {
  test.each([
    ['IO Error: Could not write file "/d/plan.duckdb": No space left on device', 'DISK_FULL'],
    [
      'TransactionContext Error: Failed to commit: Could not write file "/d/p.wal": No space left on device',
      'DISK_FULL',
    ],
    [
      'IO Error: Database "p" has been invalidated because checkpointing failed. Detach and reattach it before using it again. Original error: Could not write file "/d/p.wal": No space left on device',
      'DISK_FULL',
    ],
    ['Out of Memory Error: failed to offload data block of size 256.0 KiB (0 bytes/0 bytes used).\nThis', 'DISK_FULL'],
    ['IO Error: Cannot open file "/d/plan.duckdb": Read-only file system', 'DISK_REFUSED'],
    [
      'Out of Memory Error: failed to allocate data of size 16.0 MiB (114.3 MiB/122.0 MiB used)',
      'STAGING_OUT_OF_MEMORY',
    ],
    ['IO Error: The file "/d/p" exists, but it is not a valid DuckDB database file!', 'DATA_DAMAGED'],
    ['IO Error: Could not read enough bytes from file "/d/plan.duckdb": attempted to read 4096 bytes', 'DATA_DAMAGED'],
    [
      'IO Error: Could not set lock on file "/d/plan.duckdb": Conflicting lock is held in /usr/bin/node (PID 42). See also',
      'DATA_OPEN_ELSEWHERE',
    ],
    ['IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2 in block', 'DATA_DAMAGED'],
  ])('%s', (message, code) => {
    expect(meaning(message)?.code).toBe(code);
  });

  test('what quotes a person’s data, or is about what was spilled, is taken for nothing else than it is', () => {
    for (const message of [
      "Conversion Error: Could not convert string 'x: No space left on device' to INT32",
      'Invalid Input Error: IO Error: Corrupt database file',
      'IO Error: Could not read enough bytes from file "/d/spill/t1/duckdb_temp_storage_S160K-0.tmp": attempted',
      'Catalog Error: Table with name t does not exist!',
    ])
      expect(meaning(message), message).toBeNull();
  });

  test('which database is damaged is said if only one can be', () => {
    const damaged = 'IO Error: Corrupt database file: computed checksum 1';
    expect(meaning(damaged, [PLAN])).toMatchObject({ what: 'The database of a plan' });
    expect(meaning(damaged, [SOURCE])).toMatchObject({ what: 'Longshore’s copy of a file’s rows' });
    expect(meaning(damaged, [PLAN, SOURCE])).toMatchObject({ what: 'Longshore’s copy of a file’s rows' });
  });

  test('one database that must be opened again is not the end of all of them', () => {
    const one = new Error('IO Error: Checkpoint failed for database "p". The database has been invalidated.');
    const all = new Error('FATAL Error: Failed: database has been invalidated because of a previous fatal error.');
    expect([isInvalidated(one), isFatal(one)]).toEqual([true, false]);
    expect(isFatal(all)).toBe(true);
  });
});
