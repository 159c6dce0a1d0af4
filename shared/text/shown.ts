/** Long or multi-line values are shown by their beginning; the whole value is in the file and in the grid. */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
