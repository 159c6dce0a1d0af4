import { Button } from '@mantine/core';
import { FileText } from 'lucide-react';
import type { SavedFile } from '../../shared/contract/procedures.ts';
import { useDesk } from '../backend/backend-context.tsx';

/** Where a file went. On a desk it can be shown there, and dragged from here into another program. */
export function SavedNotice({ file }: { readonly file: Extract<SavedFile, { kind: 'saved' }> }) {
  const desk = useDesk();
  const { savedId, fileName } = file;
  return (
    <div className="notice" data-tone="create" role="status">
      <FileText size={16} aria-hidden />
      <span>
        Saved as{' '}
        {desk && savedId !== undefined ? (
          <span
            className="draggable"
            draggable
            title="Drag it into another program"
            onDragStart={(event) => {
              // The desktop goes on with the drag: only it knows where the file is.
              event.preventDefault();
              desk.ask({ kind: 'drag-saved', savedId });
            }}
          >
            {fileName}
          </span>
        ) : (
          fileName
        )}
        .
      </span>
      {desk && savedId !== undefined && (
        <Button size="compact-sm" variant="default" onClick={() => desk.ask({ kind: 'show-saved', savedId })}>
          Show in folder
        </Button>
      )}
    </div>
  );
}
