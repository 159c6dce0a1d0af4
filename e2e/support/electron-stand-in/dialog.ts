import { onMessage, post } from './channel.ts';
import type { ToPerson } from './wire.ts';

/** "dialog": the parent window may come first, and makes the dialog modal. */
function optionsOf<T extends object>(args: [T] | [object, T]): T {
  return args.length === 1 ? args[0] : args[1];
}

interface OpenOptions {
  readonly properties?: readonly string[];
}
interface SaveOptions {
  readonly defaultPath?: string;
}
interface MessageOptions {
  readonly message: string;
  readonly detail?: string;
  readonly buttons?: readonly string[];
  readonly cancelId?: number;
  readonly signal?: AbortSignal;
}

const asked = new Map<number, (answer: never) => void>();
let questions = 0;

function ask<T>(question: (id: number) => ToPerson): Promise<T> {
  const id = ++questions;
  return new Promise((resolve) => {
    asked.set(id, resolve);
    post(question(id));
  });
}

function answered(id: number, answer: unknown): void {
  asked.get(id)?.(answer as never);
  asked.delete(id);
}
onMessage('dialog-answer', ({ id, paths }) => answered(id, paths));
onMessage('message-answer', ({ id, button }) => answered(id, button));

/** Electron's `dialog`, answered by whoever plays the person; no path is a dialog that was cancelled. */
export const dialog = {
  showErrorBox: (title: string, content: string): void => post({ kind: 'error-box', title, content }),
  showOpenDialog: async (...args: [OpenOptions] | [object, OpenOptions]) => {
    const several = optionsOf(args).properties?.includes('multiSelections') === true;
    const paths = await ask<string[]>((id) => ({ kind: 'ask-open', id }));
    return { canceled: paths.length === 0, filePaths: several ? paths : paths.slice(0, 1) };
  },
  showSaveDialog: async (...args: [SaveOptions] | [object, SaveOptions]) => {
    const { defaultPath = '' } = optionsOf(args);
    const [filePath = ''] = await ask<string[]>((id) => ({ kind: 'ask-save', id, name: defaultPath }));
    return { canceled: filePath === '', filePath };
  },
  /** "dialog", `showMessageBoxSync`: holds the process, so nobody can be asked; answered as if it was cancelled. */
  showMessageBoxSync: ({ message, detail = '', cancelId = 0 }: MessageOptions): number => {
    post({ kind: 'error-box', title: message, content: detail });
    return cancelId;
  },
  /** A `signal` takes the question back as if it was cancelled ("dialog", `showMessageBox`). */
  showMessageBox: async (...args: [MessageOptions] | [object, MessageOptions]) => {
    const { message, detail = '', buttons = ['OK'], cancelId = 0, signal } = optionsOf(args);
    const response = await ask<number>((id) => {
      signal?.addEventListener('abort', () => {
        post({ kind: 'unask', id });
        answered(id, cancelId);
      });
      return { kind: 'ask-message', id, message, detail, buttons: [...buttons], cancelId };
    });
    return { response, checkboxChecked: false };
  },
};
