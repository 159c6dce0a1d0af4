import type { FieldBadge } from './field-options.ts';

/** What the operation can do with a field, in words beside it. */
export function FieldBadges({ badges }: { readonly badges: readonly FieldBadge[] }) {
  return badges.map(({ text, tone }) => (
    <span key={text} className="field-badge" data-tone={tone}>
      {text}
    </span>
  ));
}
