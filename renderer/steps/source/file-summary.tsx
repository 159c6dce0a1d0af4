import { useState, type ReactNode } from 'react';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { plural } from '../../../shared/text/counts.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import { SummaryLine } from '../../components/summary-line.tsx';
import type { Draft } from '../../wizard/draft.ts';
import { readAs } from './read-as.ts';
import { OPERATIONS } from './what-for.tsx';

interface Props {
  readonly source: SourceSummary;
  readonly draft: Draft;
  readonly isConnected: boolean;
  readonly children: ReactNode;
}

/**
 * How the file was read, what it is for and what was found in it: one line above the rows, which opens to where each can be
 * changed. It is open by itself where something must be decided first.
 */
export function FileSummary({ source, draft, isConnected, children }: Props) {
  const mustDecide =
    !isConnected ||
    source.notices.some((notice) => notice.code === 'ONE_COLUMN' || noticeText(notice).level === 'block');
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? mustDecide;
  const unread = source.state.kind === 'staged' && source.state.problemRows > 0 ? 1 : 0;
  const known = source.notices.length + unread;
  const serious = source.notices.filter((notice) => noticeText(notice).level !== 'fix').length + unread;
  const operation = OPERATIONS.find(({ value }) => value === draft.operation);
  return (
    <SummaryLine
      label="About this file"
      open={open}
      toggle={() => setChosen(!open)}
      summary={
        <>
          <b>{draft.objectName ? `${operation?.label ?? ''} ${draft.objectName}` : 'No object chosen'}</b>
          <span>{readAs(source)}</span>
          <span className={serious > 0 ? 'tone' : undefined} data-tone={serious > 0 ? 'warning' : undefined}>
            {known === 0 ? 'Nothing unusual' : `${plural(known, 'thing')} to know`}
          </span>
        </>
      }
    >
      <div className="cards small">{children}</div>
    </SummaryLine>
  );
}
