import { expect, test } from 'vitest';
import type { HostEvent } from '../../../shared/contract/events.ts';
import { WindowCommands } from './window-commands.ts';

test('commands wait for a page that listens, also for one that is loaded anew', () => {
  const sent: HostEvent[] = [];
  const commands = new WindowCommands((event) => sent.push(event));
  const names = () => sent.map(({ command }) => (command.kind === 'theme' ? command.theme : command.kind));
  commands.send({ kind: 'theme', theme: 'dark' });
  commands.send({ kind: 'theme', theme: 'light' });
  expect(names()).toEqual([]);
  commands.listening();
  expect(names()).toEqual(['dark', 'light']);
  commands.listening();
  commands.send({ kind: 'do', name: 'export' });
  expect(names()).toEqual(['dark', 'light', 'do']);
  commands.gone();
  commands.send({ kind: 'theme', theme: 'system' });
  expect(names()).toHaveLength(3);
  commands.listening();
  expect(names()).toEqual(['dark', 'light', 'do', 'system']);
});
