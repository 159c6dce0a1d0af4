/** A line of a `.properties` file as `java.util.Properties` understands it. */
export interface Property {
  readonly key: string;
  readonly value: string;
}

const BREAK = /\r\n|\r|\n/;
const BLANK = /^[ \t\f]*/;
const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** Lines that belong together: one that ends in an odd number of backslashes goes on in the next, without its leading blanks. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun: string | null = null;
  for (const natural of text.split(BREAK)) {
    const line: string = natural.replace(BLANK, '');
    // A comment can't be continued, and can't continue anything: within a line that goes on it is text.
    if (begun === null && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const whole: string = (begun ?? '') + line;
    const backslashes = /\\*$/.exec(line)?.[0].length ?? 0;
    begun = backslashes % 2 === 1 ? whole.slice(0, -1) : null;
    if (begun === null) lines.push(whole);
  }
  return begun === null ? lines : [...lines, begun];
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-f]{4})|([^]?))/gi,
    (_whole, code: string | undefined, letter: string | undefined) =>
      code === undefined ? (ESCAPES[letter ?? ''] ?? letter ?? '') : String.fromCharCode(parseInt(code, 16)),
  );
}

/**
 * Reads properties in the order they stand in; of a key that is given twice the last one holds, in the place of the first
 * (Java SE API, `java.util.Properties.load`: a key ends at the first unescaped “=”, “:” or blank). Never fails: whatever it is
 * given is some properties.
 */
export function readProperties(text: string): Property[] {
  const found = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const [, key = '', value = ''] = /^((?:\\[^]|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*([^]*)$/.exec(line) ?? [];
    found.set(unescaped(key), unescaped(value));
  }
  return [...found].map(([key, value]) => ({ key, value }));
}

/** As `Properties.store` writes: whatever is no printable ASCII as `\uXXXX`, which every reader takes, whatever encoding it expects. */
function escaped(text: string, isKey: boolean): string {
  let out = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? '';
    const code = text.charCodeAt(at);
    if (letter === ' ') out += isKey || at === 0 ? '\\ ' : ' ';
    else if ('\\=:#!'.includes(letter)) out += `\\${letter}`;
    else if (letter === '\t') out += '\\t';
    else if (letter === '\n') out += '\\n';
    else if (letter === '\r') out += '\\r';
    else if (letter === '\f') out += '\\f';
    else if (code < 0x20 || code > 0x7e) out += `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
    else out += letter;
  }
  return out;
}

/** Lines as `Properties.store` writes them, below a comment. */
export function writeProperties(properties: readonly Property[], comment: string): string {
  const lines = properties.map(({ key, value }) => `${escaped(key, true)}=${escaped(value, false)}`);
  return [`#${comment}`, ...lines, ''].join('\n');
}
