import type { FetchWay } from '../../../../shared/domain/fetched-records.ts';
import { CALL_WORTH, CALLS_A_JOB, JOB_PAGE, JOB_RECORDS_A_SECOND, JOB_SECONDS, worth } from '../../query/call-costs.ts';

/**
 * "The combined length of the URI and headers exceeds the 16,384 byte limit" is status 431 (REST API Developer Guide, "Status Codes
 * and Error Responses"), and proxies on the way commonly take a request line of 8 KB (nginx, "large_client_header_buffers").
 */
export const URI_BYTES = 7800;
/** However many fields are selected, a list has room for some keys. */
export const LEAST_LIST_BYTES = 2000;
/** SOQL may have 100,000 characters (SOQL and SOSL Reference, "SOQL SELECT Syntax"). */
export const JOB_KEYS_CHARACTERS = 80_000;
/** "The request retrieves up to 2,000 records" (REST API Developer Guide, "Get Records With a Request Body Using sObject Collections"). */
export const COLLECTION_IDS = 2000;
/** Of keys that may name any number of records so many are asked for in lists: their answers are held in memory. */
export const FEW_KEYS = 600;

/** What calls take, in seconds: assumed, for orgs differ; only how they compare decides. */
const LIST_SECONDS = 0.5;
const COLLECTION_SECONDS = 1.5;

export interface FetchFacts {
  readonly keys: number;
  /** Of all keys as a URI has them, and as SOQL has them. */
  readonly uriBytes: number;
  readonly characters: number;
  /** Bytes of one list's keys in a URI. */
  readonly listBytes: number;
  /** Whether a key names at most one record. */
  readonly unique: boolean;
  /** Whether sObject Collections can answer: keys are Ids, and fields are the record's own. */
  readonly collections: boolean;
}

interface FetchCost {
  readonly way: FetchWay;
  readonly calls: number;
  readonly seconds: number;
}

function cheapest(costs: readonly FetchCost[]): FetchCost {
  return costs.reduce((best, one) => (worth(one) < worth(best) ? one : best));
}

function ofObject(records: number): FetchCost {
  const pages = Math.max(1, Math.ceil(records / JOB_PAGE));
  return { way: 'object', calls: CALLS_A_JOB + pages - 1, seconds: JOB_SECONDS + records / JOB_RECORDS_A_SECOND };
}

/** Ways that ask for keys alone, with what each costs. */
function byKeys({ keys, uriBytes, characters, listBytes, unique, collections }: FetchFacts): FetchCost[] {
  // Many fields fill a URI; the body of a request for Collections has room for them.
  const hasRoom = listBytes > LEAST_LIST_BYTES || !collections;
  const lists = Math.max(1, Math.ceil(uriBytes / listBytes));
  const jobs = Math.max(1, Math.ceil(characters / JOB_KEYS_CHARACTERS));
  const ids = Math.ceil(keys / COLLECTION_IDS);
  return [
    ...(hasRoom && (unique || keys <= FEW_KEYS)
      ? [{ way: 'key-lists' as const, calls: lists, seconds: lists * LIST_SECONDS }]
      : []),
    ...(collections ? [{ way: 'collections' as const, calls: ids, seconds: ids * COLLECTION_SECONDS }] : []),
    { way: 'key-jobs', calls: jobs * CALLS_A_JOB, seconds: jobs * JOB_SECONDS + keys / JOB_RECORDS_A_SECOND },
  ];
}

/**
 * The cheapest way to the records that keys name, by calls and time. How many records the object has is asked only where reading
 * all of them might be cheaper; null where nobody can say.
 */
export async function chooseWay(facts: FetchFacts, recordsInOrg: () => Promise<number | null>): Promise<FetchCost> {
  const best = cheapest(byKeys(facts));
  if (worth(best) <= worth(ofObject(0)) + CALL_WORTH) return best;
  const inOrg = await recordsInOrg();
  return inOrg === null ? best : cheapest([best, ofObject(inOrg)]);
}
