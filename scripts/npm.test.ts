import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npm } from './npm.ts';

test('npm is started without a shell where its script is known, from a folder with spaces and with arguments that have them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore with spaces '));
  try {
    const script = join(folder, 'npm cli.js');
    await writeFile(script, 'process.stdout.write(JSON.stringify(process.argv.slice(2)))');
    const { command, args, shell } = npm(['pack', 'C:\\Program Files\\x'], script);
    expect(shell).toBe(false);
    expect(JSON.parse(spawnSync(command, args, { shell, encoding: 'utf8' }).stdout)).toEqual([
      'pack',
      'C:\\Program Files\\x',
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
