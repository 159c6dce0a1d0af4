import { Button, Group } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';

/** What a load lacks to be run again: its file is gone, or nobody is signed in to its org. */
export interface MissingForLoad {
  readonly what: 'file' | 'org';
  readonly load: LoadSnapshot;
}

interface Props {
  readonly missing: MissingForLoad;
  readonly chooseFile: () => void;
  readonly connect: () => void;
  readonly dismiss: () => void;
}

export function MissingNotice({ missing: { what, load }, chooseFile, connect, dismiss }: Props) {
  return (
    <div className="notice" data-tone="warning" role="alert">
      <TriangleAlert size={16} aria-hidden />
      <span>
        {what === 'file' ? (
          <>
            <strong>{load.fileName}</strong> is no longer where it was. Choose the file, or drop it here, to run its
            load again.
          </>
        ) : (
          <>
            You are not signed in to <strong>{load.orgName}</strong>. Sign in to run the load of {load.fileName} again.
          </>
        )}
      </span>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={what === 'file' ? chooseFile : connect}>
          {what === 'file' ? 'Choose the file' : 'Sign in'}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={dismiss}>
          Dismiss
        </Button>
      </Group>
    </div>
  );
}
