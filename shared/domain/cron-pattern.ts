/** The least and the most of each of the five fields, and the names that stand for numbers. */
const FIELDS: readonly { readonly least: number; readonly most: number; readonly names?: readonly string[] }[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  {
    least: 1,
    most: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  { least: 0, most: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
];

/**
 * Whether a text is a cron pattern as crontab(5) has them: minute, hour, day of the month, month, and day of the week, each `*`, a number,
 * a name, a range, or a list of these, and steps of ranges. What only some programs know (L, W, #, seconds) is not one: a file that is
 * read elsewhere is to mean the same there.
 */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === FIELDS.length && FIELDS.every((field, place) => isField(fields[place] ?? '', field));
}

function isField(text: string, { least, most, names = [] }: (typeof FIELDS)[number]): boolean {
  const valueOf = (part: string): number => {
    const named = names.indexOf(part.toUpperCase());
    return named !== -1 ? named + least : /^\d{1,2}$/.test(part) ? Number(part) : Number.NaN;
  };
  return text.split(',').every((part) => {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !(/^[1-9]\d?$/.test(step) && Number(step) <= most))) return false;
    if (range === '*') return true;
    const [from = '', to, ...others] = range.split('-');
    const [low, high] = [valueOf(from), to === undefined ? valueOf(from) : valueOf(to)];
    // A step of one number is another thing to each program.
    if (others.length > 0 || (step !== undefined && to === undefined)) return false;
    return low >= least && high <= most && low <= high;
  });
}
