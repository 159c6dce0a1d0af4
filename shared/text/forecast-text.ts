import { neededOf, type LoadForecast } from '../domain/load-forecast.ts';
import { storageText } from './bytes-text.ts';
import { number, plural } from './counts.ts';

/** Seconds in the unit that fits: “under a second”, “40 s”, “3 min”, “2 h”. */
function timeText(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 100) return `${number(Math.ceil(seconds))} s`;
  return seconds < 100 * 60 ? `${number(Math.round(seconds / 60))} min` : `${number(Math.round(seconds / 3600))} h`;
}

function rangeText(least: string, most: string): string {
  return least === most ? least : `${least} to ${most}`;
}

export interface ForecastLine {
  readonly what: string;
  readonly needs: string;
  /** What the org has left; null where it doesn't tell, or has no such limit. */
  readonly left: string | null;
  /** The load needs more than is left. */
  readonly over: boolean;
}

/** What a load would use up, a line each. */
export function forecastLines(forecast: LoadForecast): ForecastLine[] {
  const { apiCalls, batches, storageMB, changeEvents, seconds, left } = forecast;
  const line = (what: string, needs: string, of: keyof LoadForecast['left'], text: (amount: number) => string) => {
    const rest = left[of]?.remaining;
    return {
      what,
      needs,
      left: rest === undefined ? null : text(rest),
      over: rest !== undefined && neededOf(forecast, of) > rest,
    };
  };
  return [
    line(
      'API calls',
      apiCalls.most === null
        ? `${number(apiCalls.least)} or more`
        : rangeText(number(apiCalls.least), number(apiCalls.most)),
      'apiCalls',
      number,
    ),
    line('Bulk API batches', rangeText(number(batches.least), number(batches.most)), 'batches', number),
    ...(storageMB > 0 ? [line('Data storage', storageText(storageMB), 'storageMB', storageText)] : []),
    {
      what: 'Change events',
      needs: `up to ${number(changeEvents)}, if Change Data Capture is on`,
      left: null,
      over: false,
    },
    {
      what: 'Time',
      needs:
        seconds === null
          ? 'unknown until a load into this org has finished'
          : rangeText(timeText(seconds.least), timeText(seconds.most)),
      left: null,
      over: false,
    },
  ];
}

/** The same in one line, for a terminal. */
export function forecastText(forecast: LoadForecast): string {
  const { apiCalls, batches, storageMB } = forecast;
  const over = forecastLines(forecast).filter((line) => line.over);
  const needs = [
    `${number(apiCalls.least)} or more API calls`,
    plural(batches.most, 'batch', 'batches'),
    ...(storageMB > 0 ? [`${storageText(storageMB)} of storage`] : []),
  ].join(', ');
  return over.length === 0
    ? needs
    : `${needs}. More than the org has left: ${over.map(({ what, left }) => `${what} (${left ?? ''} left)`).join(', ')}`;
}
