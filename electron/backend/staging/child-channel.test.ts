import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { childChannel } from './child-channel.ts';

function forkIdle(command = process.execPath): ChildProcess {
  return fork('-e', ['process.on("message", () => undefined)'], {
    execPath: command,
    execArgv: [],
    serialization: 'advanced',
  });
}

test('messages to a process that is just dying are lost, and its end is told once', async () => {
  const child = forkIdle();
  await once(child, 'spawn');
  const channel = childChannel(child);
  const ended = vi.fn();
  channel.onExit(ended);
  const exit = once(child, 'exit');
  process.kill(child.pid ?? 0, 'SIGKILL');
  // It dies meanwhile, and its exit is not known here before this has given way: the pipe seems to be there still.
  execFileSync(process.execPath, ['-e', '']);
  channel.post({ text: 'too late' });
  await exit;
  expect(ended).toHaveBeenCalledTimes(1);
});

test('a process that could not be started has ended', async () => {
  const child = forkIdle('/nowhere/node');
  await expect(new Promise((resolve) => childChannel(child).onExit(resolve))).resolves.toBeNull();
});
