import type { ExportForecast, ExportWay } from '../../../shared/domain/export.ts';
import { countSoql } from '../../../shared/soql/count-soql.ts';
import { parseSoql } from '../../../shared/soql/parse-soql.ts';
import { CALLS_A_JOB, JOB_PAGE, JOB_RECORDS_A_SECOND, JOB_SECONDS, worth } from './call-costs.ts';

/** "Query: up to 2,000 records" a page (REST API Developer Guide, "Query"). */
const REST_PAGE = 2000;
const REST_SECONDS = 0.8;

/** Which ways can read a query as rows and columns, and the columns where they are known beforehand. */
export interface Readable {
  readonly ways: readonly ExportWay[];
  readonly fields: readonly string[] | null;
  /** What counts its records; null where a count says nothing of its rows. */
  readonly countedBy: string | null;
}

/**
 * Bulk API 2.0 takes no grouping, no aggregates, no OFFSET, and no TYPEOF ("Considerations and Limitations" of its query jobs); REST
 * answers with records, whose columns are known where a query selects nothing but fields, and with rows of their own for groups.
 * Records within records are no columns, in neither way.
 */
export function readable(soql: string): Readable {
  const read = parseSoql(soql);
  const countedBy = countSoql(soql);
  switch (read.kind) {
    case 'query':
      return { ways: ['rest', 'bulk'], fields: read.query.fields, countedBy };
    // What is no SOQL to us is for the org to refuse.
    case 'error':
      return { ways: ['bulk'], fields: null, countedBy };
    case 'beyond': {
      const { beyond, fields } = read;
      if (beyond === 'child-query' || beyond === 'typeof') return { ways: [], fields, countedBy };
      if (countedBy === null) return { ways: ['rest'], fields: null, countedBy };
      if (/\bOFFSET\b/i.test(soql) && fields) return { ways: ['rest'], fields, countedBy };
      // REST reads deleted records at another address.
      const isPlain = fields !== null && !/\bALL\s+ROWS\s*$/i.test(soql) && beyond !== 'alias';
      return { ways: isPlain ? ['rest', 'bulk'] : ['bulk'], fields, countedBy };
    }
  }
}

/** The ways with their costs, the cheapest first; as they are given where nobody knows how many records there are. */
export function costOf(ways: readonly ExportWay[], records: number | null): ExportForecast['ways'] {
  if (records === null) return ways.map((way) => ({ way, calls: null, seconds: null }));
  return ways
    .map((way) => {
      const pages = Math.max(1, Math.ceil(records / (way === 'rest' ? REST_PAGE : JOB_PAGE)));
      return way === 'rest'
        ? { way, calls: pages, seconds: pages * REST_SECONDS }
        : { way, calls: CALLS_A_JOB + pages - 1, seconds: JOB_SECONDS + records / JOB_RECORDS_A_SECOND };
    })
    .sort((a, b) => worth(a) - worth(b));
}
