import type { ReactNode } from 'react';
import type { SavedFile } from '../../../shared/contract/procedures.ts';
import { failureOf } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';

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
