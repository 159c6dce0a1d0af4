import { TriangleAlert } from 'lucide-react';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { loadNoticeText } from '../../shared/text/load-notice-text.ts';

/** What a person should know of a load beside its numbers. */
export function LoadNotices({ load }: { readonly load: LoadSnapshot }) {
  return load.notices.map((notice) => {
    const text = loadNoticeText(notice);
    return (
      <div key={text} className="notice" data-tone="warning">
        <TriangleAlert size={16} aria-hidden />
        <span>{text}</span>
      </div>
    );
  });
}
