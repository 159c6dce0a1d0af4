import { Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { MappingForm } from '../../../shared/domain/mapping-file.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { lossText } from '../../../shared/text/mapping-file-text.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { takeDownload } from '../../backend/take-download.ts';
import { base64Of } from '../../backend/base64-of.ts';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { OpenFileButton, SaveFileMenu } from '../../components/file-buttons.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';
import type { MappingHistory } from '../../wizard/use-mapping-history.ts';

interface MappingFilesProps {
  readonly orgId: OrgId;
  readonly source: SourceSummary;
  readonly mapping: FieldMapping;
  readonly history: MappingHistory;
}

/** Saves the mapping as a file and opens one: this program's own, which keeps everything, or Data Loader's. */
export function useMappingFiles({ orgId, source, mapping, history }: MappingFilesProps) {
  const backend = useBackend();
  const asked = { orgId, sourceId: source.sourceId, mapping };
  const save = useMutation({
    mutationFn: async (form: MappingForm) => {
      const saved = await backend.call('mapping.writeFile', { ...asked, form });
      takeDownload(saved.file);
      return saved;
    },
  });
  const open = useMutation({
    mutationFn: async (file: File) => {
      const content = await base64Of(file);
      const fitted = await backend.call('mapping.readFile', { ...asked, fileName: file.name, content });
      const isCleaned = JSON.stringify(fitted.cleaning) === JSON.stringify(source.cleaning);
      if (isCleaned) history.change(fitted.mapping, fitted.misfits);
      else await history.changeWith(fitted.cleaning, fitted.mapping, fitted.misfits);
    },
  });
  return { save, open };
}

type Files = ReturnType<typeof useMappingFiles>;

export function MappingFileButtons({ files: { save, open }, busy }: { readonly files: Files; readonly busy: boolean }) {
  return (
    <>
      <OpenFileButton
        label="Open a mapping"
        accept=".json,.sdl"
        isOpening={open.isPending}
        disabled={busy}
        open={open.mutate}
      />
      <SaveFileMenu label="Save the mapping" isSaving={save.isPending} disabled={busy} position="bottom-start">
        <Menu.Item onClick={() => save.mutate('json')}>All of it (.json)</Menu.Item>
        <Menu.Item onClick={() => save.mutate('sdl')}>For Data Loader (.sdl)</Menu.Item>
      </SaveFileMenu>
    </>
  );
}

/** What became of saving and opening. */
export function MappingFileNotices({ files: { save, open } }: { readonly files: Files }) {
  const failed = save.error ?? open.error;
  return (
    <>
      {failed && <FailurePanel failure={failureOf(failed)} />}
      {save.data?.file.kind === 'saved' && <SavedNotice file={save.data.file} />}
      {save.data?.losses.map((loss) => (
        <div key={loss.code} className="notice" data-tone="warning">
          <TriangleAlert size={16} aria-hidden />
          <span>{lossText(loss)} Saved as .json it would be.</span>
        </div>
      ))}
    </>
  );
}
