import { Button, FileButton, Menu } from '@mantine/core';
import { FileDown, FileUp } from 'lucide-react';
import type { ReactNode } from 'react';

interface OpenProps {
  readonly label: string;
  /** Endings of the files that can be chosen, as an input takes them. */
  readonly accept: string;
  readonly isOpening: boolean;
  readonly disabled?: boolean;
  readonly open: (file: File) => void;
}

/** Opens one file that belongs to what is shown. */
export function OpenFileButton({ label, accept, isOpening, disabled = false, open }: OpenProps) {
  return (
    <FileButton accept={accept} onChange={(file) => file && open(file)}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          size="compact-sm"
          leftSection={<FileUp size={15} aria-hidden />}
          loading={isOpening}
          disabled={disabled}
        >
          {label}
        </Button>
      )}
    </FileButton>
  );
}

interface SaveProps {
  readonly label: string;
  readonly isSaving: boolean;
  readonly disabled?: boolean;
  readonly position: 'bottom-start' | 'bottom-end';
  /** `Menu.Item`s: the forms that it can be saved in. */
  readonly children: ReactNode;
}

/** Saves what is shown as a file, in one of several forms. */
export function SaveFileMenu({ label, isSaving, disabled = false, position, children }: SaveProps) {
  return (
    <Menu position={position} withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<FileDown size={15} aria-hidden />}
          loading={isSaving}
          disabled={disabled}
        >
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
