import { Menu } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { BadgeCheck } from 'lucide-react';
import type { Input } from '../../../shared/contract/procedures.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { base64Of } from '../../backend/base64-of.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { takeDownload } from '../../backend/take-download.ts';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { OpenFileButton, SaveFileMenu } from '../../components/file-buttons.tsx';
import { SavedNotice } from '../../components/saved-notice.tsx';
import { moment } from '../../settings/moments.ts';
import type { PlanFilter } from './plan-filter.ts';

/** Saves a plan for others to read, and takes their approval. */
export function usePlanSharing({ planId, planDigest }: LoadPlan, shown: PlanFilter) {
  const backend = useBackend();
  const cache = useQueryClient();
  const save = useMutation({
    mutationFn: async (form: Input<'plan.export'>['form']) => {
      const file = await backend.call('plan.export', form === 'csv' ? { form, planId, ...shown } : { form, planId });
      return takeDownload(file);
    },
  });
  const approve = useMutation({
    mutationFn: async (file: File) =>
      backend.call('plan.approve', { planId, fileName: file.name, content: await base64Of(file) }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['plan.approval'] }),
  });
  // By its digest: a plan that is changed is no longer approved.
  const approval = useCall('plan.approval', { planId, planDigest }).data ?? null;
  return { save, approve, approval };
}

type Sharing = ReturnType<typeof usePlanSharing>;

export function SharingButtons({ sharing: { save, approve } }: { readonly sharing: Sharing }) {
  return (
    <>
      <OpenFileButton label="Open an approval" accept=".json" isOpening={approve.isPending} open={approve.mutate} />
      <SaveFileMenu label="Save the plan" isSaving={save.isPending} position="bottom-end">
        <Menu.Item onClick={() => save.mutate('csv')}>Rows shown (.csv)</Menu.Item>
        <Menu.Item onClick={() => save.mutate('page')}>A page to read and approve (.html)</Menu.Item>
      </SaveFileMenu>
    </>
  );
}

/** Who approved the plan, and what became of saving it. */
export function SharingNotices({ sharing: { save, approve, approval } }: { readonly sharing: Sharing }) {
  const failed = approve.error ?? save.error;
  return (
    <>
      {failed && <FailurePanel failure={failureOf(failed)} />}
      {save.data?.kind === 'saved' && <SavedNotice file={save.data} />}
      {approval && (
        <div className="notice" data-tone="create" role="status">
          <BadgeCheck size={16} aria-hidden />
          <span>
            Approved by {approval.approvedBy}, {moment(Date.parse(approval.approvedAt))}
            {approval.comment === '' ? '' : `: “${approval.comment}”`}
          </span>
        </div>
      )}
    </>
  );
}
