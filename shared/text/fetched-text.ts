import type { CarriedChoices } from '../domain/load-plan.ts';
import type { FetchedRecords, FetchWay } from '../domain/fetched-records.ts';
import { plural } from './counts.ts';

const BY: Record<FetchWay, string> = {
  none: '',
  'key-lists': 'by lists of keys',
  collections: 'by their Ids',
  'key-jobs': 'by Bulk query of the keys',
  object: 'by Bulk query of the object',
};

const MINUTE = 60_000;

/** How a plan's records were fetched, and how old they are by now; `time` is when, as it is shown. null where none were asked for. */
export function fetchedText(fetched: FetchedRecords | null, time: string, now: number): string | null {
  if (fetched === null || fetched.way === 'none') return null;
  const { way, records, apiCalls, at, resumed, reused } = fetched;
  const age = Math.max(0, Math.floor((now - at) / MINUTE));
  const ago = age === 0 ? 'less than a minute ago' : `${plural(age, 'minute')} ago`;
  return [
    `Fetched ${plural(records, 'record')} ${BY[way]}, ${plural(apiCalls, 'API call')}, at ${time}.`,
    ...(resumed ? ['It was interrupted and then continued.'] : []),
    ...(reused ? [`Reused from ${ago}.`] : []),
  ].join(' ');
}

/** What became of the choices in a plan whose records were fetched again, a sentence each; none where there were no choices. */
export function carriedTexts({ rows, changes, groups, decisions, lookedAgain }: CarriedChoices): string[] {
  const all = [rows, changes, groups, decisions];
  if (all.every(({ kept, lost }) => kept + lost === 0)) return [];
  const kept = all.some((one) => one.kept > 0);
  const lost = all.some((one) => one.lost > 0);
  return [
    ...(kept ? [lost ? 'Your other choices in this plan are kept.' : 'Your choices in this plan are kept.'] : []),
    ...(rows.lost > 0 ? [`${plural(rows.lost, 'row')} that you left out would not be sent now anyway.`] : []),
    ...(changes.lost > 0
      ? [`${plural(changes.lost, 'change')} that you left out ${changes.lost === 1 ? 'is' : 'are'} not there any more.`]
      : []),
    ...(groups.lost > 0
      ? [
          `${plural(groups.lost, 'group')} of similar rows that you decided on ${groups.lost === 1 ? 'has' : 'have'} other rows now, and ${groups.lost === 1 ? 'follows' : 'follow'} the rule.`,
        ]
      : []),
    ...(decisions.lost > 0
      ? [
          `${plural(decisions.lost, 'decision')} on rows that resemble records no longer ${decisions.lost === 1 ? 'fits' : 'fit'}: ${lookedAgain ? `${decisions.lost === 1 ? 'the record has' : 'the records have'} changed or can’t be matched now. Decide again.` : 'look again.'}`,
        ]
      : []),
  ];
}
