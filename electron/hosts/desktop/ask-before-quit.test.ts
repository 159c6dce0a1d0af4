import { EventEmitter } from 'node:events';
import type { BrowserWindow, MessageBoxOptions } from 'electron';
import { beforeEach, expect, test, vi } from 'vitest';
import { askBeforeQuit } from './ask-before-quit.ts';

const electron = vi.hoisted(() => ({
  quits: 0,
  asked: [] as MessageBoxOptions[],
  answer: null as ((button: number) => void) | null,
}));
vi.mock('electron', () => ({
  app: { quit: () => void electron.quits++ },
  dialog: {
    showMessageBox: (_parent: unknown, options: MessageBoxOptions) => {
      electron.asked.push(options);
      return new Promise((resolve) => {
        electron.answer = (response) => resolve({ response, checkboxChecked: false });
      });
    },
  },
}));
beforeEach(() => Object.assign(electron, { quits: 0, asked: [], answer: null }));

const log = { place: '', info: () => undefined, error: () => undefined };
const [KEEP, QUIT] = [0, 1];

function windowWith(loads: { running: number }) {
  const window = new EventEmitter();
  askBeforeQuit(window as unknown as BrowserWindow, loads, log);
  return {
    /** Whether it would have closed. */
    close: () => {
      let prevented = false;
      window.emit('close', { preventDefault: () => void (prevented = true) });
      return !prevented;
    },
    answer: async (button: number) => {
      electron.answer?.(button);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('without a load a window closes, and nothing is asked', () => {
  expect(windowWith({ running: 0 }).close()).toBe(true);
  expect(electron.asked).toEqual([]);
});

test('with one it stays open until a yes that it may go on later', async () => {
  const window = windowWith({ running: 1 });
  expect(window.close()).toBe(false);
  expect(electron.asked).toMatchObject([
    { message: 'A load is running.', buttons: ['Keep Loading', 'Quit and Resume Later'], defaultId: 0, cancelId: 0 },
  ]);
  // Asked again while the question is there, it is one question.
  expect(window.close()).toBe(false);
  expect(electron.asked).toHaveLength(1);
  await window.answer(KEEP);
  expect(electron.quits).toBe(0);
  expect(window.close()).toBe(false);
  await window.answer(QUIT);
  expect([electron.quits, electron.asked.length]).toEqual([1, 2]);
  expect(window.close()).toBe(true);
});

test('a load that ends meanwhile is no reason to ask', () => {
  const loads = { running: 2 };
  const window = windowWith(loads);
  expect(window.close()).toBe(false);
  expect(electron.asked[0]?.message).toBe('2 loads are running.');
  loads.running = 0;
  expect(window.close()).toBe(true);
});
