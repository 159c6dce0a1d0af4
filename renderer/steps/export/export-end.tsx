import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SavedFile } from '../../../shared/contract/procedures.ts';
import { failureOf } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';

interface ButtonsProps {
  readonly isOff: boolean;
  readonly isPending: boolean;
  readonly start: () => void;
  readonly cancel: () => void;
}

export function ExportButtons({ isOff, isPending, start, cancel }: ButtonsProps) {
  return (
    <Group gap="sm">
      <Button data-primary disabled={isOff || isPending} loading={isPending} onClick={start}>
        Export
      </Button>
      {isPending && (
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
      )}
    </Group>
  );
}

/** Why there is no file. */
export function ExportFailed({ error }: { readonly error: unknown }) {
  const failure = failureOf(error);
  if (failure.code !== 'CANCELLED') return <FailurePanel failure={failure} />;
  return (
    <p className="lead" role="status">
      Canceled. No file was written.
    </p>
  );
}

/** What is in a file that was written, and where it is. */
export function ExportSaved({ file, children }: { readonly file: SavedFile; readonly children: ReactNode }) {
  if (file.kind === 'dismissed')
    return (
      <p className="lead" role="status">
        No file was written.
      </p>
    );
  return (
    <>
      <p role="status">{children}</p>
      {file.kind === 'saved' && <SavedNotice file={file} />}
    </>
  );
}
