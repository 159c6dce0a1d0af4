import { CloseButton, Group, Loader } from '@mantine/core';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { ColumnProfile, ValueKind } from '../../../shared/domain/source-file.ts';
import { shown } from '../../../shared/text/shown.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { number, plural } from '../../../shared/text/counts.ts';

const KIND_NAMES: Record<ValueKind, string> = {
  'whole-number': 'Whole number',
  number: 'Number',
  date: 'Date',
  'date-time': 'Date and time',
  'yes-no': 'Yes/no',
  email: 'Email',
  'record-id': 'Salesforce ID',
};

/** Below this share a kind is no guess at what the column is. */
const WORTH_TELLING = 0.5;

interface Props {
  readonly sourceId: SourceId;
  readonly column: number;
  readonly name: string;
  readonly filter: (kind: 'equals' | 'blank', text: string) => void;
  readonly close: () => void;
}

/** What every row of one column says. */
export function ColumnPanel({ sourceId, column, name, filter, close }: Props) {
  const profile = useCall('source.profile', { sourceId, column }, { keep: true });
  return (
    <section className="panel side" aria-label={`Profile of ${name}`}>
      <Group justify="space-between" wrap="nowrap">
        <h3>{name}</h3>
        <CloseButton data-leave aria-label="Close the profile" onClick={close} />
      </Group>
      {profile.error && <FailurePanel failure={failureOf(profile.error)} />}
      {profile.isPending && <Loader role="img" size="sm" mt="md" aria-label={`Counting the values of ${name}`} />}
      {profile.data && <Profile profile={profile.data} filter={filter} />}
    </section>
  );
}

function Profile({ profile, filter }: { readonly profile: ColumnProfile; readonly filter: Props['filter'] }) {
  const filled = profile.rows - profile.blank;
  const most = profile.frequent[0]?.rows ?? 1;
  const kinds = profile.kinds.filter(({ fits }) => filled > 0 && fits / filled >= WORTH_TELLING);
  return (
    <>
      <dl className="figures">
        <dt>Rows</dt>
        <dd>{number(profile.rows)}</dd>
        <dt>Blank</dt>
        <dd>
          {profile.blank === 0 ? (
            '0'
          ) : (
            <button type="button" className="link" onClick={() => filter('blank', '')}>
              {number(profile.blank)} ({share(profile.blank, profile.rows)})
            </button>
          )}
        </dd>
        <dt>Different values</dt>
        <dd>
          {profile.distinctIsEstimate ? 'about ' : ''}
          {number(profile.distinct)}
          {profile.distinct === filled && filled > 0 ? ' (all)' : ''}
        </dd>
        <dt>Least</dt>
        <dd className="value">{profile.min === null ? '–' : shown(profile.min)}</dd>
        <dt>Greatest</dt>
        <dd className="value">{profile.max === null ? '–' : shown(profile.max)}</dd>
        <dt>Longest</dt>
        <dd>
          {plural(profile.longestLength, 'character')}
          {profile.longest && (
            <span className="reason">
              {' '}
              row {number(profile.longest.row)}, line {number(profile.longest.line)}
            </span>
          )}
        </dd>
      </dl>
      {kinds.length > 0 && (
        <>
          <h4>Possible types</h4>
          <ul className="kinds">
            {kinds.map(({ kind, fits, counterExample }) => (
              <li key={kind}>
                <strong>{KIND_NAMES[kind]}</strong> {fits === filled ? 'all' : share(fits, filled)}
                {counterExample && (
                  <div className="reason">
                    not row {number(counterExample.row)} (line {number(counterExample.line)}):{' '}
                    <span className="value">{shown(counterExample.value)}</span>
                  </div>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {profile.frequent.length > 0 && (
        <>
          <h4>Most frequent</h4>
          <ul className="frequent">
            {profile.frequent.map(({ value, rows }) => (
              <li key={value}>
                <button type="button" className="link value" onClick={() => filter('equals', value)}>
                  {shown(value)}
                </button>
                <span>{number(rows)}</span>
                <span className="bar-track" aria-hidden>
                  <span className="bar-fill" style={{ width: `${(rows / most) * 100}%`, display: 'block' }} />
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function share(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  if (part > 0 && percent < 0.1) return 'under 0.1%';
  if (part < whole && percent > 99.9) return 'over 99.9%';
  return `${percent.toFixed(percent < 10 || percent > 90 ? 1 : 0)}%`;
}
