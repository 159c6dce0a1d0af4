const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text as the content of an XML element. */
export function xmlText(text: string): string {
  return text.replace(/[&<>]/g, (character) => REFERENCES[character] ?? character);
}
