import { ActionIcon, Menu } from '@mantine/core';
import { Copy, EllipsisVertical, Link2, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ColumnActions } from './use-column-actions.ts';

interface ColumnMenuProps {
  readonly column: number;
  readonly name: string;
  /** Whether a step made the column: it can be taken out. */
  readonly isMade: boolean;
  readonly busy: boolean;
  readonly actions: ColumnActions;
}

/** What else can be done with a column. Of the menu there is nothing but its button until it is opened: a table has hundreds. */
export function ColumnMenu(props: ColumnMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  /** Whether it was open when the mouse was pressed, which closes it before the click comes. */
  const before = useRef<boolean | null>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div className="column-menu">
      <ActionIcon
        ref={button}
        variant="subtle"
        color="gray"
        aria-label={`More for ${props.name}`}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        disabled={props.busy}
        onMouseDown={() => {
          before.current = isOpen;
        }}
        onClick={() => {
          setOpen(!(before.current ?? isOpen));
          before.current = null;
        }}
      >
        <EllipsisVertical size={16} aria-hidden />
      </ActionIcon>
      {isOpen && <OpenMenu {...props} close={close} />}
    </div>
  );
}

function OpenMenu({ column, name, isMade, actions, close }: ColumnMenuProps & { readonly close: () => void }) {
  return (
    <Menu position="bottom-end" withinPortal opened onClose={close} returnFocus={false}>
      <Menu.Target>
        <span className="column-menu-place" aria-label={`More for ${name}`} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Copy size={15} aria-hidden />} onClick={() => actions.copy(column)}>
          Also fill another field
        </Menu.Item>
        <Menu.Item leftSection={<Link2 size={15} aria-hidden />} onClick={() => actions.join(column)}>
          Join with another column
        </Menu.Item>
        {isMade && (
          <Menu.Item leftSection={<Trash2 size={15} aria-hidden />} onClick={() => actions.remove(column)}>
            Remove this column
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
