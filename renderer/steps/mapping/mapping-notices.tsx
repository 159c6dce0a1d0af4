import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { MappingIssue } from '../../../shared/domain/field-issue.ts';
import { number } from '../../../shared/text/counts.ts';
import { mappingIssueText } from '../../../shared/text/mapping-issue-text.ts';
import { beginningOf, inShort } from './in-short.ts';

/** What is said of the mapping: all that keeps it from going on, and of the rest the beginning. */
export function MappingNotices({ issues }: { readonly issues: readonly MappingIssue[] }) {
  const [opened, setOpened] = useState(false);
  const { shown, more } = inShort(issues, opened);
  return (
    <>
      {shown.map((issue, index) => (
        <div key={index} className="notice" data-tone={issue.level === 'block' ? 'blocked' : 'warning'}>
          <TriangleAlert size={16} aria-hidden />
          <LongText text={mappingIssueText(issue)} />
        </div>
      ))}
      {(more > 0 || opened) && (
        <button type="button" className="link more" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {opened ? 'Show fewer' : `Show ${number(more)} more`}
        </button>
      )}
    </>
  );
}

/** A sentence that lists hundreds of columns, up to where it is read whole. */
function LongText({ text }: { readonly text: string }) {
  const [opened, setOpened] = useState(false);
  const beginning = beginningOf(text);
  if (beginning === text) return <span>{text}</span>;
  return (
    <span>
      {opened ? text : `${beginning} … `}{' '}
      <button type="button" className="link" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        {opened ? 'Show less' : 'Show all of it'}
      </button>
    </span>
  );
}
