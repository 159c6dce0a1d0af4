import { number } from './counts.ts';

/** How long something took, of milliseconds: “8.4 s”, “3 min 20 s”, “2 h 5 min”. */
export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${number(Math.round(milliseconds / 100) / 10)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return parts(minutes, 'min', seconds % 60, 's');
  return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function parts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return `${number(large)} ${largeUnit}${small > 0 ? ` ${small} ${smallUnit}` : ''}`;
}
