import { Button, Group } from '@mantine/core';
import { showModal } from '../components/show-modal.ts';
import { KEYS_OF_CONTROLS, keysOf, SHORTCUTS } from './shortcuts.ts';
import { isMac } from './use-shortcuts.ts';

/** The list of shortcuts. */
export function ShortcutHelp({ close }: { readonly close: () => void }) {
  const rows = [
    ...SHORTCUTS.map((one) => ({ keys: keysOf(one, isMac), text: one.text })),
    ...KEYS_OF_CONTROLS.map(({ keys, text }) => ({ keys: isMac ? keys.replace('Ctrl', '⌘') : keys, text })),
  ];
  return (
    <dialog className="dialog" ref={showModal} aria-labelledby="shortcuts-title" onClose={close}>
      <h2 id="shortcuts-title">Keyboard shortcuts</h2>
      <table className="list">
        <tbody>
          {rows.map(({ keys, text }) => (
            <tr key={text}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Group className="dialog-actions" justify="flex-end">
        <Button onClick={close}>Close</Button>
      </Group>
    </dialog>
  );
}
