/** The first pause of a row that failed, ms, and the longest: twice as long after each further time. */
const FIRST_PAUSE = 30 * 60_000;
const LONGEST_PAUSE = 24 * 3_600_000;

/** When a row is tried again that has failed so often, as SQL; `now` in ms. Whoever changes the row has it tried at once. */
export function pauseSql(now: number, attempts: string): string {
  return `(${Math.round(now)} + least(${LONGEST_PAUSE}, ${FIRST_PAUSE} * 2 ** least(${attempts} - 1, 16)))::BIGINT`;
}
