import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { cutShortText } from '../../../shared/text/load-state-text.ts';

export type HistoryState = 'under-way' | 'finished' | 'failures' | 'cut-short';

/** Which loads are shown; null or empty for any. */
export interface HistoryFilter {
  readonly search: string;
  readonly orgId: OrgId | null;
  readonly operation: Operation | null;
  readonly state: HistoryState | null;
}

export const NO_FILTER: HistoryFilter = { search: '', orgId: null, operation: null, state: null };

/** The loads that a filter lets through, in their order. Each word of the search is in the file’s name, the object, the org, or the digest. */
export function filterLoads(loads: readonly LoadSnapshot[], filter: HistoryFilter): LoadSnapshot[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return loads.filter((load) => {
    const { fileName, objectName, objectLabel, orgName, sourceDigest } = load;
    const text = [fileName, objectName, objectLabel, orgName, sourceDigest].join('\n').toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      (filter.orgId === null || load.orgId === filter.orgId) &&
      (filter.operation === null || load.operation === filter.operation) &&
      (filter.state === null || isIn(load, filter.state))
    );
  });
}

function isIn(load: LoadSnapshot, state: HistoryState): boolean {
  const { failed, incomplete, unknown } = load.counts;
  const isOver = load.state.kind === 'finished';
  switch (state) {
    case 'under-way':
      return !isOver;
    case 'failures':
      return failed + incomplete + unknown > 0;
    case 'cut-short':
      return cutShortText(load) !== null;
    case 'finished':
      return isOver && cutShortText(load) === null && failed + incomplete + unknown === 0;
  }
}

/** The orgs that loads went into, each once, with the name of its latest. */
export function orgsOf(loads: readonly LoadSnapshot[]): { orgId: OrgId; name: string }[] {
  const names = new Map<OrgId, string>();
  for (const { orgId, orgName } of loads) if (!names.has(orgId)) names.set(orgId, orgName);
  return [...names].map(([orgId, name]) => ({ orgId, name }));
}
