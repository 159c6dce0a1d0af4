import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../../test-support/cli-process.ts';

let world: CliWorld;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
  const bin = join(world.folder, 'bin');
  await mkdir(bin);
  // What a system does with its units is its affair: this one notes what it is told, and refuses where it is to.
  const says =
    '#!/bin/sh\necho "$@" >> "$TOLD"\nif [ -n "$REFUSES" ]; then echo "Failed to connect to bus" >&2; exit 1; fi\n';
  await writeFile(join(bin, 'systemctl'), says);
  await chmod(join(bin, 'systemctl'), 0o755);
  env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    TOLD: join(world.folder, 'told'),
    XDG_CONFIG_HOME: join(world.folder, 'config'),
  };
});
afterAll(() => world.close());

const units = () => readdir(join(world.folder, 'config', 'systemd', 'user'));

test.runIf(process.platform === 'linux')(
  'a timer is installed, shown, calls what is due, and is removed; where the system refuses it, nothing is left',
  async () => {
    const installed = await world.run(['job', 'schedule', 'install', '--every', '10'], env);
    expect(installed.code, installed.stderr).toBe(0);
    const [service = '', timer = ''] = (await units()).sort();
    expect([service, timer]).toEqual([expect.stringMatching(/^longshore-[0-9a-f]{8}\.service$/), timer]);
    const text = await readFile(join(world.folder, 'config', 'systemd', 'user', service), 'utf8');
    expect(text).toContain('"job" "due" "--data"');
    expect(await readFile(join(world.folder, 'told'), 'utf8')).toBe(
      `--user daemon-reload\n--user enable --now ${timer}\n`,
    );
    // What it would call is a command of ours.
    const [, line = ''] = /It calls: (.*)/.exec(installed.stdout) ?? [];
    expect(line.split(' ').slice(2, 4)).toEqual(['job', 'due']);
    expect((await world.run(['job', 'schedule', 'show'], env)).stdout).toContain('a systemd user timer');
    expect((await world.run(['job', 'schedule', 'remove'], env)).stdout).toContain('Removed a systemd user timer');
    expect(await units()).toEqual([]);
    expect((await world.run(['job', 'schedule', 'remove'], env)).stdout).toContain('There was none to remove.');
    const refused = await world.run(['job', 'schedule', 'install', '--json'], { ...env, REFUSES: 'yes' });
    expect(JSON.parse(refused.stdout)).toMatchObject({ status: 3, failure: { code: 'NOT_SUPPORTED' } });
    expect(refused.stdout).toContain('Failed to connect to bus');
    expect(await units()).toEqual([]);
    expect((await world.run(['job', 'schedule', 'show'], env)).stdout).toContain('nothing looks for jobs');
    expect((await world.run(['job', 'schedule', 'install', '--every', '7'], env)).code).toBe(1);
  },
  120_000,
);
