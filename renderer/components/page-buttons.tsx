import { ActionIcon } from '@mantine/core';
import { CalendarClock, CircleQuestionMark, History, Info, Settings } from 'lucide-react';
import type { OrgSummary } from '../../shared/domain/org.ts';

interface Props {
  readonly org: OrgSummary | null;
  readonly open: (page: 'org' | 'jobs' | 'history' | 'settings') => void;
}

export function HelpButton({ open }: { readonly open: () => void }) {
  return (
    <ActionIcon variant="default" size="lg" aria-label="Keyboard shortcuts" onClick={open}>
      <CircleQuestionMark size={17} aria-hidden />
    </ActionIcon>
  );
}

/** The pages beside a load. */
export function PageButtons({ org, open }: Props) {
  return (
    <>
      {org && (
        <ActionIcon variant="default" size="lg" aria-label="About this org" onClick={() => open('org')}>
          <Info size={17} aria-hidden />
        </ActionIcon>
      )}
      <ActionIcon variant="default" size="lg" aria-label="Jobs" onClick={() => open('jobs')}>
        <CalendarClock size={17} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" size="lg" aria-label="History" onClick={() => open('history')}>
        <History size={17} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" size="lg" aria-label="Settings" onClick={() => open('settings')}>
        <Settings size={17} aria-hidden />
      </ActionIcon>
    </>
  );
}
