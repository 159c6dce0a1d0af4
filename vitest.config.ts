import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The file that takes longest begins first, so that nothing is left waiting for it alone at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longest = (file: TestSpecification) => Number(file.moduleId.endsWith('/load-model.test.ts'));
    return (await super.sort(files)).sort((one, other) => longest(other) - longest(one));
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
    // As many as there are processors: most tests wait for processes of their own.
    maxWorkers: '100%',
    // Many tests start processes of their own: each reads what the one before has compiled.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('.cache/node', import.meta.url)) },
  },
});
