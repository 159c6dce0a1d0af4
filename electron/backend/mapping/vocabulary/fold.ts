/** Letters and digits only, in lower case, accents off: what is left when people's punctuation is taken away. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/__[cr]\b/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');
}
