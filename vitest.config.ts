import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take more than some twenty seconds, the longest first. */
const LONG = [
  'load-model.test.ts',
  'long-runs.test.ts',
  'shared-practice-org.test.ts',
  'lasting-faults.test.ts',
  'two-hosts.test.ts',
  'load-kills.test.ts',
  'many-plans.test.ts',
  'sync-model.test.ts',
  'sync-kills.test.ts',
];

/** What takes long begins first, so that nothing is left waiting for it alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.indexOf(basename(moduleId));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ['{shared,electron,renderer,scripts,e2e/support}/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    // A process that starts on a busy machine takes longer than the second that polls wait by default.
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // One more than there are processors: most tests wait for processes of their own, and those for one another.
    maxWorkers: availableParallelism() + 1,
    // Many tests start processes of their own: each reads what the one before has compiled.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('.cache/node', import.meta.url)) },
  },
});
