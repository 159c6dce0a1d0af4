/**
 * Months by the names and usual abbreviations of English, German, French, Spanish, Portuguese, Italian and Dutch, without accents.
 * Whole words only: `Maybe` is no May. From Unicode CLDR 48, common/main/<language>.xml, calendar "gregorian", months in format,
 * wide and abbreviated, with those of Austria (Jänner) and Canada (juill.), held to it by month-names.test.ts; older spellings
 * (Maerz, setiembre) beside them. Japanese and Chinese number their months.
 */
const MONTHS: readonly string[] = [
  'jan january januar janner jaenner janv janvier ene enero janeiro gen gennaio januari',
  'feb february februar fevr fevrier febrero fev fevereiro febbraio februari',
  'mar march marz maerz mrz mars marzo marco mrt maart',
  'apr april avr avril abr abril aprile',
  'may mai mayo maio mag maggio mei',
  'jun june juni juin junio junho giu giugno',
  'jul july juli juil juill juillet julio julho lug luglio',
  'aug august aout ago agosto augustus',
  'sep sept september septembre septiembre setiembre set setembro settembre',
  'oct october okt oktober octobre octubre out outubro ott ottobre',
  'nov november novembre noviembre novembro',
  'dec december dez dezember decembre dic diciembre dezembro dicembre',
];

const BY_NAME = new Map(MONTHS.flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)));

/** The month a word names, counted from 1, or null if it names none. */
export function monthNamed(word: string): number | null {
  const plain = word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return BY_NAME.get(plain) ?? null;
}
