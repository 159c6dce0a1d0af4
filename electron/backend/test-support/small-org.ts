import { SObjectDescribe, type FieldDescribe } from '../../../shared/domain/sobject.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';

type Record_ = Readonly<Record<string, unknown>>;

/** A field by name and type, writable and nillable unless it is said otherwise. */
export function field(name: string, type: string, facts: object = {}): object {
  return { name, label: name, type, createable: true, updateable: true, nillable: true, ...facts };
}

export function describeOf(name: string, keyPrefix: string, fields: readonly object[]): SObjectDescribe {
  const readOnly = { createable: false, updateable: false, nillable: false, defaultedOnCreate: true };
  return SObjectDescribe.parse({
    name,
    label: name,
    labelPlural: `${name}s`,
    keyPrefix,
    custom: false,
    createable: true,
    updateable: true,
    deletable: true,
    queryable: true,
    fields: [
      { name: 'Id', label: 'Record ID', type: 'id', idLookup: true, ...readOnly },
      ...fields,
      { name: 'SystemModstamp', label: 'System Modstamp', type: 'datetime', ...readOnly },
    ],
  });
}

export const KEY: Partial<FieldDescribe> = { externalId: true, idLookup: true, unique: true };

/**
 * Answers small queries as an org does that has these records, by object: with all of them, whatever the conditions, for who asks
 * must not take more than it asked for. A field that is selected twice, in whatever case, is refused as Salesforce refuses it.
 */
export function smallOrg(
  records: Readonly<Record<string, readonly Record_[]>>,
  asked: string[] = [],
): Pick<FetchTools, 'client' | 'clock'> {
  const never = () => Promise.reject(new Error('nothing here is that large'));
  return {
    client: {
      host: 'small.example',
      tidy: () => undefined,
      json: never,
      download: never,
      query: (soql) => {
        asked.push(soql);
        const [, list = '', object = ''] = /^SELECT (.+?) FROM (\S+)/.exec(soql) ?? [];
        const paths = list.split(', ').map((path) => path.toLowerCase());
        const twice = paths.find((path, index) => paths.indexOf(path) !== index);
        if (twice !== undefined) return Promise.reject(new Error(`INVALID_FIELD: duplicate field selected: ${twice}`));
        return Promise.resolve([...(records[object] ?? [])]);
      },
      count: never,
    },
    clock: { now: () => 0, elapsed: () => 0, timeZone: () => 'UTC', sleep: never },
  };
}
