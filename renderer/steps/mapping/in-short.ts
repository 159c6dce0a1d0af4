/** Warnings shown before the rest is asked for. */
const SHOWN = 3;

/** Characters of a sentence that are read at a glance; one that is hardly longer is not cut. */
const LONG = 220;
const HARDLY_LONGER = 60;

/** Everything that blocks, and the first warnings; `more` are left out. One alone is not worth a button. */
export function inShort<T extends { readonly level: 'block' | 'warn' }>(
  issues: readonly T[],
  opened: boolean,
): { readonly shown: readonly T[]; readonly more: number } {
  const blocks = issues.filter(({ level }) => level === 'block');
  const warnings = issues.filter(({ level }) => level !== 'block');
  const few = opened || warnings.length <= SHOWN + 1;
  const shown = [...blocks, ...(few ? warnings : warnings.slice(0, SHOWN))];
  return { shown, more: issues.length - shown.length };
}

/** The text up to the last whole word that has room, or all of it. */
export function beginningOf(text: string): string {
  if (text.length <= LONG + HARDLY_LONGER) return text;
  const cut = text.slice(0, LONG);
  const end = cut.search(/[\s,;]+\S*$/u);
  return end > 0 ? cut.slice(0, end) : cut.replace(/[\uD800-\uDBFF]$/u, '');
}
