const LABEL = /^[\p{L}\p{M}\p{N}-]+$/u;
const LETTERS = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u;

/** Without the comments in matched brackets; null if a bracket has no partner. */
function withoutComments(text: string): string | null {
  let kept = '';
  let isComment = false;
  for (const sign of text) {
    if (sign === '(' ? isComment : sign === ')' && !isComment) return null;
    if (sign === '(') isComment = true;
    else if (sign === ')') isComment = false;
    else if (!isComment) kept += sign;
  }
  return isComment ? null : kept;
}

/**
 * Salesforce Help 000384328: points may follow one another and may end the local part, but not begin it; comments in brackets
 * count for nothing; letters of every script are taken.
 */
export function isEmailAddress(text: string): boolean {
  const bare = withoutComments(text);
  const at = bare?.indexOf('@') ?? -1;
  if (bare === null || at < 1) return false;
  const labels = bare.slice(at + 1).split('.');
  const local = bare.slice(0, at);
  return (
    !local.startsWith('.') && LETTERS.test(local) && labels.length > 1 && labels.every((label) => LABEL.test(label))
  );
}
