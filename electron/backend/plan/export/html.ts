/** Text that is HTML already. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

type Part = Html | string | readonly (Html | string)[];

function textOf(part: Part): string {
  if (part instanceof Html) return part.toString();
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
  return part.map(textOf).join('');
}

/** A template whose values are text, and stay text, unless they are HTML themselves. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, index) => `${text}${textOf(parts[index - 1] ?? '')}${string}`));
}

/** For style and script of this program's own, whose text is not escaped in HTML (HTML Standard, "Raw text elements"). */
export function raw(text: string): Html {
  return new Html(text);
}
