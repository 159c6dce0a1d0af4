import { Button, Group } from '@mantine/core';
import { FileUp, TriangleAlert } from 'lucide-react';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';

/** What a load lacks to be run again: its file is gone, or another one is to be loaded as it was, or nobody is signed in to its org. */
export interface MissingForLoad {
  readonly what: 'file' | 'other-file' | 'org';
  readonly load: LoadSnapshot;
  /** Once the org is there, another file is asked for. */
  readonly forOtherFile?: boolean;
}

interface Props {
  readonly missing: MissingForLoad;
  readonly chooseFile: () => void;
  readonly connect: () => void;
  readonly dismiss: () => void;
}

export function MissingNotice({ missing: { what, load, forOtherFile = false }, chooseFile, connect, dismiss }: Props) {
  return (
    <div className="notice" data-tone={what === 'other-file' ? 'update' : 'warning'} role="alert">
      {what === 'other-file' ? <FileUp size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
      <span>
        {what === 'other-file' && (
          <>
            Choose the file, or drop it here, to load it as <strong>{load.fileName}</strong> was loaded: the same
            mapping, cleaning, and choices.
          </>
        )}
        {what === 'file' && (
          <>
            <strong>{load.fileName}</strong> is no longer where it was. Choose the file, or drop it here, to run its
            load again.
          </>
        )}
        {what === 'org' && (
          <>
            You are not signed in to <strong>{load.orgName}</strong>. Sign in to{' '}
            {forOtherFile ? 'load another file as' : 'run the load of'} {load.fileName}{' '}
            {forOtherFile ? 'was loaded' : 'again'}.
          </>
        )}
      </span>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={what === 'org' ? connect : chooseFile}>
          {what === 'org' ? 'Sign in' : 'Choose the file'}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={dismiss}>
          Dismiss
        </Button>
      </Group>
    </div>
  );
}
