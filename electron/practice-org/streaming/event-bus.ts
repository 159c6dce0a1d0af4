import { randomUUID } from 'node:crypto';
import { runSoql } from '../soql/run-soql.ts';
import { renderRecord } from '../soql/render.ts';
import type { OrgData } from '../records/org-data.ts';
import { idOf, type Change, type Commit, type RecordTable, type StoredRecord } from '../records/record-store.ts';
import { CREATED_BY, ID, IS_DELETED, MODIFIED_BY, MODIFIED_DATE, MODSTAMP } from '../schema/schema.ts';

/** A message on a channel. */
export interface StreamEvent {
  readonly replayId: number;
  /** Channels it is heard on, lower case. */
  readonly channels: readonly string[];
  readonly data: () => Record<string, unknown>;
}

export interface EventListener {
  /** False while nobody would hear: then the events are not even made. */
  readonly wants: () => boolean;
  readonly take: (events: readonly StreamEvent[]) => void;
}

interface Made {
  readonly channels: readonly string[];
  readonly data: (replayId: number) => Record<string, unknown>;
}

/** The events of one commit, not made yet. */
interface KeptCommit {
  readonly first: number;
  readonly count: number;
  readonly at: number;
  readonly expand: () => StreamEvent[];
}

/** Salesforce keeps events for 72 hours; a laptop keeps so many at most. */
const KEPT = 50_000;

/** CREATE, UPDATE, DELETE and UNDELETE as they are, or the gap form where details are missing. */
export type GapType = 'GAP_CREATE' | 'GAP_UPDATE' | 'GAP_DELETE' | 'GAP_UNDELETE' | 'GAP_OVERFLOW';

export function changeEventChannel(objectName: string): string {
  return `/data/${objectName.endsWith('__c') ? objectName.replace(/c$/, 'ChangeEvent') : `${objectName}ChangeEvent`}`;
}

/**
 * Events of every kind, in the order they happened, each with a replay id: change events for every write, platform
 * events, PushTopic notifications and generic events (Streaming API and Change Data Capture Developer Guides).
 */
export class EventBus {
  readonly #data: OrgData;
  readonly #replayHours: () => number;
  readonly #listeners = new Set<EventListener>();
  readonly #channels = new Map<RecordTable, string[]>();
  #kept: KeptCommit[] = [];
  #keptEvents = 0;
  #replayId = 1000;
  #commitNumber = 10_000_000_000;

  constructor(data: OrgData, replayHours: () => number) {
    this.#data = data;
    this.#replayHours = replayHours;
    data.store.onCommit((commit) => this.#take(commit));
  }

  /** Tells `listener` what happens from now on; returns how to stop it. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get latestReplayId(): number {
    return this.#replayId;
  }

  /** Kept events of a channel after a replay id, or null if that id is not kept any more. -2 is everything. */
  replay(channel: string, after: number): readonly StreamEvent[] | null {
    this.#sweep();
    const oldest = this.#kept[0]?.first ?? this.#replayId + 1;
    if (after !== -2 && (after < oldest - 1 || after > this.#replayId)) return null;
    const wanted = channel.toLowerCase();
    return this.#kept
      .filter((kept) => kept.first + kept.count > after)
      .flatMap((kept) => kept.expand())
      .filter((event) => event.replayId > after && event.channels.includes(wanted));
  }

  /** A gap event: something changed, and the details are lost. */
  gap(table: RecordTable, type: GapType, ids: readonly string[]): void {
    const header = this.#header('', 'com/salesforce/api/internal', this.#data.now(), 1);
    this.#publish([
      {
        channels: this.#changeChannels(table),
        data: (replayId) => ({
          schema: schemaOf(table),
          payload: {
            ChangeEventHeader: {
              ...header,
              entityName: table.object.name,
              recordIds: type === 'GAP_OVERFLOW' ? ['000000000000000AAA'] : ids,
              changeType: type,
              nulledFields: [],
              diffFields: [],
              changedFields: [],
            },
          },
          event: { replayId },
        }),
      },
    ]);
  }

  /** A generic event, pushed to a channel by hand (Streaming API guide, "Generic Streaming"). */
  push(channel: string, payload: string): void {
    const createdDate = new Date(this.#data.now()).toISOString();
    this.#publish([
      {
        channels: [channel.toLowerCase()],
        data: (replayId) => ({ payload, event: { createdDate, replayId } }),
      },
    ]);
  }

  #changeChannels(table: RecordTable): string[] {
    let channels = this.#channels.get(table);
    if (!channels) {
      channels = ['/data/changeevents', changeEventChannel(table.object.name).toLowerCase()];
      this.#channels.set(table, channels);
    }
    return channels;
  }

  #header(userId: string, origin: string, at: number, sequenceNumber: number): Record<string, unknown> {
    return {
      transactionKey: randomUUID(),
      changeOrigin: origin,
      sequenceNumber,
      commitTimestamp: at,
      commitNumber: ++this.#commitNumber,
      commitUser: userId,
    };
  }

  #take(commit: Commit): void {
    const changes = eventsOf(commit.changes);
    if (changes.length > 0) {
      const header = this.#header(commit.info.userId, commit.info.origin, commit.at, 0);
      this.#keep(changes.length, commit.at, () =>
        changes.map((together, index) => {
          const [change] = together;
          if (change.table.object.event) return this.#platformEvent(change.table, change.after ?? [], commit.at);
          return this.#changeEvent(change, together, { ...header, sequenceNumber: index + 1 });
        }),
      );
    }
    this.#pushTopics(commit);
  }

  #publish(made: readonly Made[]): void {
    this.#keep(made.length, this.#data.now(), () => made);
  }

  /** Most events are never asked for, so they are made when somebody listens or replays. */
  #keep(count: number, at: number, make: () => readonly Made[]): void {
    const first = this.#replayId + 1;
    this.#replayId += count;
    const expand = (): StreamEvent[] =>
      make().map(({ channels, data }, index) => {
        const replayId = first + index;
        return { replayId, channels, data: () => data(replayId) };
      });
    this.#kept.push({ first, count, at, expand });
    this.#keptEvents += count;
    while (this.#keptEvents > KEPT && this.#kept.length > 1) this.#keptEvents -= this.#kept.shift()?.count ?? 0;
    if (this.#listeners.size === 0) return;
    let events: StreamEvent[] | null = null;
    for (const listener of this.#listeners) if (listener.wants()) listener.take((events ??= expand()));
  }

  #sweep(): void {
    const oldest = this.#data.now() - this.#replayHours() * 3_600_000;
    while (this.#kept[0] && this.#kept[0].at < oldest) this.#keptEvents -= this.#kept.shift()?.count ?? 0;
  }

  #changeEvent(change: Change, together: readonly Change[], header: Record<string, unknown>): Made {
    const { table, type, before, after } = change;
    return {
      channels: this.#changeChannels(table),
      data: (replayId) => {
        const fields: Record<string, unknown> = {};
        const changedFields: string[] = [];
        const nulledFields: string[] = [];
        for (const field of table.object.fields) {
          if (field.kind !== 'stored' || field.slot === ID || field.slot === IS_DELETED || type === 'DELETE' || !after)
            continue;
          if (field.slot === MODSTAMP) continue;
          const value = after[field.slot] ?? null;
          if (type === 'UPDATE') {
            // Two saves in one second have the same LastModifiedDate; it was set all the same.
            if (value === (before?.[field.slot] ?? null) && field.slot !== MODIFIED_DATE) continue;
            changedFields.push(field.name);
            if (value === null) nulledFields.push(field.name);
          } else if (value === null) continue;
          fields[field.name] = value;
        }
        return {
          schema: schemaOf(table),
          payload: {
            ChangeEventHeader: {
              entityName: table.object.name,
              recordIds: together.map((one) => idOf(one.after ?? one.before ?? [])),
              changeType: type,
              ...header,
              nulledFields,
              diffFields: [],
              changedFields,
            },
            ...fields,
          },
          event: { replayId },
        };
      },
    };
  }

  #platformEvent(table: RecordTable, record: StoredRecord, at: number): Made {
    const EventUuid = randomUUID();
    return {
      channels: [`/event/${table.object.name}`.toLowerCase()],
      data: (replayId) => {
        const payload: Record<string, unknown> = {
          CreatedDate: new Date(at).toISOString(),
          CreatedById: record[CREATED_BY] ?? record[MODIFIED_BY] ?? null,
        };
        for (const field of table.object.fields) if (field.custom) payload[field.name] = record[field.slot] ?? null;
        return { schema: schemaOf(table), payload, event: { replayId, EventUuid } };
      },
    };
  }

  /** PushTopic: records of a query that changed (Streaming API guide, "PushTopic"). */
  #pushTopics(commit: Commit): void {
    const topics = this.#data.store.table('PushTopic');
    if (!topics || topics.records.size === 0) return;
    const value = (topic: StoredRecord, name: string) => topic[topics.field(name)?.slot ?? ID] ?? null;
    for (const topic of topics.records.values()) {
      if (value(topic, 'IsActive') !== true) continue;
      const soql = String(value(topic, 'Query'));
      const creator = this.#data.store.record(String(topic[CREATED_BY]));
      const users = this.#data.store.table('User');
      const session = this.#data.session(String(creator?.[users?.field('Username')?.slot ?? ID] ?? ''));
      const object = /\bFROM\s+(\w+)/i.exec(soql)?.[1]?.toLowerCase();
      for (const change of commit.changes) {
        if (!session || change.table.object.name.toLowerCase() !== object || change.type === 'PURGE') continue;
        const operation = { CREATE: 'Create', UPDATE: 'Update', DELETE: 'Delete', UNDELETE: 'Undelete' }[change.type];
        if (value(topic, `NotifyForOperation${operation}`) !== true) continue;
        const sobject = this.#selected(soql, change, session);
        if (!sobject) continue;
        const createdDate = new Date(commit.at).toISOString();
        this.#publish([
          {
            channels: [`/topic/${String(value(topic, 'Name'))}`.toLowerCase()],
            data: (replayId) => ({
              event: { createdDate, replayId, type: `${operation.toLowerCase()}d` },
              sobject,
            }),
          },
        ]);
      }
    }
  }

  #selected(
    soql: string,
    change: Change,
    session: NonNullable<ReturnType<OrgData['session']>>,
  ): Record<string, unknown> | null {
    if (change.type === 'DELETE') return { Id: idOf(change.before) };
    const record = change.after ?? [];
    const narrowed = /\bWHERE\b/i.test(soql)
      ? soql.replace(/\bWHERE\b([^]*)$/i, (_all, rest: string) => `WHERE Id = '${idOf(record)}' AND (${rest})`)
      : `${soql} WHERE Id = '${idOf(record)}'`;
    const result = runSoql(this.#data, session, narrowed);
    const [found] = result.records;
    if (!found) return null;
    const { attributes: _attributes, ...fields } = renderRecord(result, found, '66.0');
    return fields;
  }
}

/** Clients fetch an event's schema by this id; the practice org's are told apart by the object. */
function schemaOf(table: RecordTable): string {
  return `${table.object.keyPrefix}PracticeSchema`;
}

/** One entry an event: deletes of one transaction that look the same are one event with several record ids. */
function eventsOf(changes: readonly Change[]): (readonly [Change, ...Change[]])[] {
  const events: [Change, ...Change[]][] = [];
  const merged = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.type === 'PURGE') continue;
    if (change.type !== 'DELETE' && change.type !== 'UNDELETE') {
      events.push([change]);
      continue;
    }
    const key = `${change.type} ${change.table.object.name}`;
    const together = merged.get(key);
    if (together) {
      together.push(change);
    } else {
      const made: [Change, ...Change[]] = [change];
      merged.set(key, made);
      events.push(made);
    }
  }
  return events;
}
