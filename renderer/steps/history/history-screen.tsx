import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Operation } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { bytesText } from '../../../shared/text/bytes-text.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { OPERATION_WORD } from '../../../shared/text/load-title.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { filterLoads, NO_FILTER, orgsOf, type HistoryFilter, type HistoryState } from './filter-loads.ts';
import { HistoryRow } from './history-row.tsx';

const STATES: Readonly<Record<HistoryState, string>> = {
  'under-way': 'Running or paused',
  finished: 'Finished',
  failures: 'With failures',
  'cut-short': 'Canceled or stopped early',
};

/** Loads shown before more are asked for. */
const AT_ONCE = 50;

export interface HistoryActions {
  readonly openLoad: (loadId: LoadId, step: 'load' | 'report') => void;
  /** Prepares a load that has ended once more. */
  readonly runAgain: (load: LoadSnapshot) => void;
  /** The same for another file, which is asked for. */
  readonly loadOtherFile: (load: LoadSnapshot) => void;
}

/** Every load there was, to be found, looked into, passed on, and removed. */
export function HistoryScreen({ back, ...actions }: HistoryActions & { readonly back: () => void }) {
  const loads = useCall('load.list', {});
  const storage = useCall('history.storage', {});
  const [filter, setFilter] = useState(NO_FILTER);
  const [most, setMost] = useState(AT_ONCE);
  if (loads.error) return <FailurePanel failure={failureOf(loads.error)} again={() => void loads.refetch()} />;
  if (!loads.data) return <Waiting title="History">Reading your loads…</Waiting>;
  const bytes = new Map(storage.data?.map((one) => [one.loadId, one.bytes]));
  const found = filterLoads(loads.data, filter);
  const size = found.reduce((sum, { loadId }) => sum + (bytes.get(loadId) ?? 0), 0);
  return (
    <div className="step">
      <header>
        <div>
          <h2>History</h2>
          <p className="lead" role="status">
            {found.length === loads.data.length
              ? plural(found.length, 'load')
              : `${number(found.length)} of ${plural(loads.data.length, 'load')}`}
            {storage.data && found.length > 0 && `, ${bytesText(size)} on disk`}
          </p>
        </div>
        <Button data-leave variant="subtle" onClick={back}>
          Back
        </Button>
      </header>
      {loads.data.length === 0 ? (
        <p className="lead">You haven’t loaded anything yet. Your loads will be listed here, with their reports.</p>
      ) : (
        <>
          <Filter loads={loads.data} filter={filter} change={setFilter} />
          {storage.error && <FailurePanel failure={failureOf(storage.error)} again={() => void storage.refetch()} />}
          {found.length === 0 && (
            <p className="lead">
              No load is like that.{' '}
              <button type="button" className="link" onClick={() => setFilter(NO_FILTER)}>
                Show all
              </button>
            </p>
          )}
          {found.length > 0 && (
            <table className="list panel loads">
              <thead>
                <tr>
                  <th>Load</th>
                  <th>Rows</th>
                  <th>State</th>
                  <th>Took</th>
                  <th>
                    <span className="skip">Details</span>
                  </th>
                </tr>
              </thead>
              {found.slice(0, most).map((load) => (
                <HistoryRow key={load.loadId} load={load} bytes={bytes.get(load.loadId) ?? null} {...actions} />
              ))}
            </table>
          )}
          {found.length > most && (
            <button type="button" className="link" onClick={() => setMost(most + AT_ONCE)}>
              Show {number(Math.min(AT_ONCE, found.length - most))} more
            </button>
          )}
        </>
      )}
    </div>
  );
}

interface FilterProps {
  readonly loads: readonly LoadSnapshot[];
  readonly filter: HistoryFilter;
  readonly change: (filter: HistoryFilter) => void;
}

function Filter({ loads, filter, change }: FilterProps) {
  const orgs = orgsOf(loads);
  return (
    <div className="history-filter">
      <TextInput
        type="search"
        label="Search"
        placeholder="File, object, or org"
        value={filter.search}
        onChange={(event) => change({ ...filter, search: event.currentTarget.value })}
      />
      <NativeSelect
        label="Org"
        value={filter.orgId ?? ''}
        data={[{ value: '', label: 'Any' }, ...orgs.map(({ orgId, name }) => ({ value: orgId, label: name }))]}
        onChange={({ currentTarget: { value } }) =>
          change({ ...filter, orgId: orgs.find(({ orgId }) => orgId === value)?.orgId ?? null })
        }
      />
      <NativeSelect
        label="Operation"
        value={filter.operation ?? ''}
        data={[
          { value: '', label: 'Any' },
          ...Operation.options.map((value) => ({ value, label: OPERATION_WORD[value] })),
        ]}
        onChange={({ currentTarget: { value } }) =>
          change({ ...filter, operation: Operation.options.find((one) => one === value) ?? null })
        }
      />
      <NativeSelect
        label="State"
        value={filter.state ?? ''}
        data={[{ value: '', label: 'Any' }, ...Object.entries(STATES).map(([value, label]) => ({ value, label }))]}
        onChange={({ currentTarget: { value } }) =>
          change({ ...filter, state: (Object.keys(STATES) as HistoryState[]).find((one) => one === value) ?? null })
        }
      />
    </div>
  );
}
