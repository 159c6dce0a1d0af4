import { Button } from '@mantine/core';
import { CheckCircle2, TriangleAlert } from 'lucide-react';
import type { SourceChoice, SourceSummary } from '../../../shared/domain/source-file.ts';
import { noticeText, rowProblemText } from '../../../shared/text/notice-text.ts';
import { number, plural } from '../../../shared/text/counts.ts';

/** Every notice, and the first rows that could not be read: what to know before trusting the rows. */
export function WhatWasFound({
  source,
  reopen,
}: {
  readonly source: SourceSummary;
  readonly reopen: (choice: SourceChoice) => Promise<void>;
}) {
  const problemRows = source.preview.filter(({ problem }) => problem !== null);
  const unread = source.state.kind === 'staged' ? source.state.problemRows : 0;
  return (
    <section className="panel" aria-label="What was found in the file">
      <h3>What was found</h3>
      <div className="notices found" role="group" aria-label="Notices" tabIndex={0}>
        {source.notices.map((notice, index) => {
          const { level, text } = noticeText(notice);
          return (
            <div
              key={index}
              className="notice"
              data-tone={level === 'fix' ? 'unchanged' : level === 'warn' ? 'warning' : 'blocked'}
            >
              {level === 'fix' ? <CheckCircle2 size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
              <span>{text}</span>
              {notice.code === 'ONE_COLUMN' && (
                <Button size="compact-xs" variant="default" onClick={() => void reopen({ delimiter: notice.suspect })}>
                  Change
                </Button>
              )}
            </div>
          );
        })}
        {unread > 0 && (
          <div className="notice" data-tone="blocked">
            <TriangleAlert size={16} aria-hidden />
            <span>{plural(unread, 'row')} could not be read and will not be sent.</span>
          </div>
        )}
        {problemRows.slice(0, 3).map((row) => (
          <div key={row.row} className="notice" data-tone="blocked">
            <TriangleAlert size={16} aria-hidden />
            <span>
              Row {number(row.row)} (line {number(row.line)}): {rowProblemText(row.problem ?? 'TOO_FEW_CELLS')}.
            </span>
          </div>
        ))}
        {source.notices.length + problemRows.length + unread === 0 && (
          <p className="lead">Nothing unusual: UTF-8, comma, LF.</p>
        )}
      </div>
    </section>
  );
}
