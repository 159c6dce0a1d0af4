import type { Assignment } from './records/assignment-rules.ts';
import type { FaultPlan } from './admin/fault-plan.ts';
import { DAILY_BULK_BATCHES, DAILY_QUERY_JOBS, type Knobs } from './admin/knobs.ts';
import type { OrgData, Session } from './records/org-data.ts';
import { asRecordId } from './records/record-ids.ts';
import { flushRollUps } from './records/roll-ups.ts';
import { idOf, type JobMark } from './records/record-store.ts';
import type { SaveContext } from './records/save-record.ts';
import type { EventBus } from './streaming/event-bus.ts';

export const API_VERSIONS = [
  '50.0',
  '51.0',
  '52.0',
  '53.0',
  '54.0',
  '55.0',
  '56.0',
  '57.0',
  '58.0',
  '59.0',
  '60.0',
  '61.0',
  '62.0',
  '63.0',
  '64.0',
  '65.0',
  '66.0',
  '67.0',
];
/** Older versions are answered too, but not listed: SFDMU, jsforce's default and old scripts ask for them. */
export const OLDEST_VERSION = 21;

/** Three releases a year: version 20.0 is Winter '11, 66.0 Spring '26 (REST API Developer Guide, "Versions"). */
export function releaseOf(version: string): string {
  const since = Number(version) - 20;
  return `${['Winter', 'Spring', 'Summer'][since % 3] ?? ''} '${11 + Math.floor(since / 3)}`;
}

const DAY = 24 * 3_600_000;

/** KB of data storage that a record takes (Help 000193871, "Salesforce record size overview"); objects that are not here take none. */
const RECORD_KILOBYTES: Readonly<Record<string, number>> = {
  Account: 2,
  Campaign: 8,
  CampaignMember: 1,
  Case: 2,
  Contact: 2,
  Contract: 2,
  Event: 2,
  Lead: 2,
  Opportunity: 2,
  Task: 2,
};
const CUSTOM_KILOBYTES = 2;

/** How a call wants its records saved. */
export interface SaveOptions {
  /** As ChangeEventHeader.changeOrigin has it: `com/salesforce/api/rest/66.0`. */
  readonly origin: string;
  readonly allowDuplicates?: boolean;
  /** None unless it is said. */
  readonly assignment?: Assignment;
  /** Row locks are held by this name until `lockUntil`; a plain call holds none after it. */
  readonly lockOwner?: string;
  readonly lockUntil?: number;
  /** Kept in the same step as the records, so that a job can be worked on after a crash. */
  readonly mark?: JobMark | null;
}

/** What every API of the org works with. */
export class Org {
  readonly data: OrgData;
  readonly faults: FaultPlan;
  readonly events: EventBus;
  knobs: Knobs;
  /** What is used of the allowance of 24 hours. */
  readonly used = { requests: 0, batches: 0, queryJobs: 0, bulkRows: 0 };
  #countingSince = Date.now();
  /** Set by the fault plan: the next closed job fails with this message. */
  failNextJob: string | null = null;
  #rows = 0;
  #calls = 0;

  constructor(data: OrgData, faults: FaultPlan, events: EventBus, knobs: Knobs) {
    this.data = data;
    this.faults = faults;
    this.events = events;
    this.knobs = knobs;
    this.setKnobs(knobs);
  }

  setKnobs(knobs: Knobs): void {
    this.knobs = knobs;
    this.data.duplicateRules.enabled = knobs.duplicateRules;
    const hidden = new Set(knobs.hiddenRecords.flatMap((id) => asRecordId(id) ?? []));
    for (const table of this.data.store.tables()) table.hidden = hidden;
    this.tellOfItself();
  }

  /** Lets the record of the org say what the knobs have it say; there is none before the records are generated. */
  tellOfItself(): void {
    const table = this.data.store.table('Organization');
    const [record] = table?.records.values() ?? [];
    if (!table || !record) return;
    const { organizationType, isSandbox, trialExpirationDate } = this.knobs;
    const said = {
      OrganizationType: organizationType,
      IsSandbox: isSandbox,
      TrialExpirationDate: trialExpirationDate === null ? null : new Date(trialExpirationDate).toISOString(),
    };
    const told = [...record];
    for (const [name, value] of Object.entries(said)) {
      const field = table.field(name);
      if (field) told[field.slot] = value;
    }
    table.records.set(idOf(record), told);
  }

  /** Begins to count anew when 24 hours have gone. */
  countDay(): void {
    const now = this.data.now();
    if (now - this.#countingSince < DAY) return;
    this.#countingSince = now;
    Object.assign(this.used, { requests: 0, batches: 0, queryJobs: 0, bulkRows: 0 });
  }

  /** Saves that belong to one call: they share a stamp, a transaction and one count of roll-ups at the end. */
  saves<T>(session: Session, options: SaveOptions, work: (context: SaveContext) => T): T {
    const { data } = this;
    const now = data.now();
    const context: SaveContext = {
      data,
      session,
      now,
      allowDuplicates: options.allowDuplicates ?? false,
      assignment: options.assignment ?? { kind: 'none' },
      lockOwner: options.lockOwner ?? `call ${++this.#calls}`,
      lockUntil: options.lockUntil ?? now,
      meetsLock: () => this.knobs.lockRowEvery > 0 && ++this.#rows % this.knobs.lockRowEvery === 0,
      lockParents: this.knobs.lockParents,
      lockInTrigger: this.knobs.lockRowInTrigger,
      stampedAt: now - this.knobs.transactionTime,
      rewrites: this.knobs.rewriteField.toLowerCase(),
      dirtyMasters: new Map(),
    };
    const { origin, mark = null } = options;
    return data.store.transaction({ userId: session.userId, origin, mark }, () => {
      const result = work(context);
      flushRollUps(data, context.dirtyMasters, now);
      return result;
    });
  }

  /** In whole MB, as the resource has it. */
  #storageUsed(): number {
    let kilobytes = 0;
    for (const { object, records } of this.data.store.tables())
      kilobytes +=
        records.size * (RECORD_KILOBYTES[object.name] ?? (object.name.endsWith('__c') ? CUSTOM_KILOBYTES : 0));
    return Math.ceil(kilobytes / 1024);
  }

  /** `limits` (REST API Developer Guide, "Limits"). */
  limits(): Record<string, { Max: number; Remaining: number }> {
    const left = (max: number, used: number): { Max: number; Remaining: number } => ({
      Max: max,
      Remaining: Math.max(0, max - used),
    });
    return {
      ConcurrentAsyncGetReportInstances: left(200, 0),
      ConcurrentSyncReportRuns: left(20, 0),
      DailyApiRequests: left(this.knobs.apiLimit, this.used.requests),
      DailyAsyncApexExecutions: left(250_000, 0),
      DailyBulkApiBatches: left(DAILY_BULK_BATCHES, this.used.batches),
      DailyBulkV2QueryFileStorageMB: left(976_562, 0),
      DailyBulkV2QueryJobs: left(DAILY_QUERY_JOBS, this.used.queryJobs),
      DailyDurableGenericStreamingApiEvents: left(10_000, 0),
      DailyDurableStreamingApiEvents: left(10_000, 0),
      DailyStreamingApiEvents: left(10_000, 0),
      DataStorageMB: left(this.knobs.storageMB, this.#storageUsed()),
      FileStorageMB: left(1024, 0),
      HourlyPublishedPlatformEvents: left(50_000, 0),
      MonthlyPlatformEvents: left(5000, 0),
      SingleEmail: left(15, 0),
      StreamingApiConcurrentClients: left(20, 0),
    };
  }
}
