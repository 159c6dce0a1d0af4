/** What the keyboard does everywhere in the window. */
export type ShortcutName = 'open-file' | 'search' | 'primary' | 'leave' | 'next-region' | 'previous-region' | 'help';

interface Shortcut {
  readonly name: ShortcutName;
  /** `KeyboardEvent.key`. */
  readonly key: string;
  /** Ctrl; on macOS Command. */
  readonly command: boolean;
  /** null where the character itself needs the key on some keyboards. */
  readonly shift: boolean | null;
  /** What it does, for the list of shortcuts. */
  readonly text: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { name: 'open-file', key: 'o', command: true, shift: false, text: 'Open a file' },
  { name: 'search', key: 'f', command: true, shift: false, text: 'Search in this step' },
  {
    name: 'primary',
    key: 'Enter',
    command: true,
    shift: false,
    text: 'Go to the next step (a load still needs its button)',
  },
  { name: 'leave', key: 'Escape', command: false, shift: false, text: 'Close a panel, or go back from a page' },
  { name: 'next-region', key: 'F6', command: false, shift: false, text: 'Next part of the window' },
  { name: 'previous-region', key: 'F6', command: false, shift: true, text: 'Previous part of the window' },
  { name: 'help', key: '?', command: false, shift: null, text: 'Show these shortcuts' },
];

/** Keys that belong to the control that has the focus, as the list of shortcuts tells them. */
export const KEYS_OF_CONTROLS: readonly { readonly keys: string; readonly text: string }[] = [
  { keys: 'Ctrl+V', text: 'On Home: open rows copied from a spreadsheet' },
  { keys: 'Ctrl+Z', text: 'In the mapping and the checks: undo the last change' },
  { keys: 'Ctrl+Shift+Z', text: 'In the mapping and the checks: redo it' },
  { keys: 'Tab', text: 'Next control (a table is one stop)' },
  { keys: 'Arrow keys', text: 'Move inside a table' },
  { keys: 'Home, End', text: 'In a table: to the first or last column; with Ctrl to the first or last row' },
  { keys: 'Ctrl+C', text: 'In a table: copy the row' },
];

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** The shortcut that a key press is, if it is one. Characters typed into a field are the field's. */
export function shortcutOf(pressed: Key, isMac: boolean, isTyping: boolean): ShortcutName | null {
  const command = isMac ? pressed.metaKey : pressed.ctrlKey;
  const other = isMac ? pressed.ctrlKey : pressed.metaKey;
  if (other || pressed.altKey) return null;
  const found = SHORTCUTS.find(
    ({ key, command: needsCommand, shift }) =>
      key.toLowerCase() === pressed.key.toLowerCase() &&
      needsCommand === command &&
      (shift === null || shift === pressed.shiftKey),
  );
  if (!found || (isTyping && found.key.length === 1 && !found.command)) return null;
  return found.name;
}

/** A shortcut as its keys are labelled. */
export function keysOf({ key, command, shift }: Shortcut, isMac: boolean): string {
  const label = key.length === 1 ? key.toUpperCase() : key === 'Escape' ? 'Esc' : key;
  return [command ? (isMac ? '⌘' : 'Ctrl') : null, shift === true ? 'Shift' : null, label]
    .filter((part) => part !== null)
    .join('+');
}

/** Which of the window's regions comes next, by its place; `at` is -1 where none has the focus. */
export function nextRegion(count: number, at: number, back: boolean): number {
  if (count === 0) return -1;
  if (at < 0) return back ? count - 1 : 0;
  return (at + (back ? count - 1 : 1)) % count;
}
