/**
 * Days of the week by the names and usual abbreviations of the languages whose months are known (month-names.ts), without accents,
 * from Sunday on. From Unicode CLDR 48, common/main/<language>.xml, calendar "gregorian", days in format, wide and abbreviated, with
 * those of Portugal, held to it by weekday-names.test.ts; German ones without their points and English ones of four letters beside them.
 */
const DAYS: readonly string[] = [
  'sun sunday sonntag so dimanche dim domingo dom domenica zondag zo',
  'mon monday montag mo lundi lun lunes segunda-feira segunda seg lunedi maandag ma',
  'tue tues tuesday dienstag di mardi mar martes terca-feira terca ter martedi dinsdag',
  'wed wednesday mittwoch mi mercredi mer miercoles mie quarta-feira quarta qua mercoledi woensdag wo',
  'thu thur thurs thursday donnerstag do jeudi jeu jueves jue quinta-feira quinta qui giovedi gio donderdag',
  'fri friday freitag fr vendredi ven viernes vie sexta-feira sexta sex venerdi vrijdag vr',
  'sat saturday samstag sonnabend sa samedi sam sabado sab sabato zaterdag za',
];

const BY_NAME = new Map(DAYS.flatMap((names, day) => names.split(' ').map((name) => [name, day] as const)));

/** Something with a digit has to follow: `Do not call` is no Thursday. */
const BEFORE = /^(\p{L}{2,10}(?:-feira)?)\.?(?:,\s*|\s+)(?:den )?(.*\d.*)$/iu;
const AFTER_JAPANESE = /^(.+?)\s*(?:([日月火水木金土])曜日?|[(（]([日月火水木金土])[)）])$/u;
const AFTER_CHINESE = /^(.+?)\s*(?:星期|周|週)([一二三四五六日天])$/u;

/** No date with its day of the week is longer, and no text without one is looked through. */
const LONGEST = 60;

/** A text that names a day of the week beside something else. */
interface Weekday {
  /** Counted from Sunday, 0. */
  readonly day: number;
  /** What is left without it. */
  readonly rest: string;
}

/** `Mon, 5 Jan 2024`, `Montag, den 5. März 2024`, `2024年3月5日火曜日`: the day of the week that a text begins or ends with, or null. */
export function splitWeekday(given: string): Weekday | null {
  if (given.length > LONGEST) return null;
  const text = given.normalize('NFC');
  const before = BEFORE.exec(text);
  if (before) {
    const [, name = '', rest = ''] = before;
    const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    const day = BY_NAME.get(plain);
    return day === undefined ? null : { day, rest };
  }
  const japanese = AFTER_JAPANESE.exec(text);
  if (japanese) return { day: '日月火水木金土'.indexOf(japanese[2] ?? japanese[3] ?? ''), rest: japanese[1] ?? '' };
  const chinese = AFTER_CHINESE.exec(text);
  return chinese && { day: '日一二三四五六'.indexOf((chinese[2] ?? '').replace('天', '日')), rest: chinese[1] ?? '' };
}
