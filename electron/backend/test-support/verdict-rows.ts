import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FieldTypeName } from '../../../shared/domain/sobject.ts';

const Column = z.object({
  type: FieldTypeName,
  field: z.looseObject({
    name: z.string().optional(),
    compoundFieldName: z.string().optional(),
    restrictedPicklist: z.boolean().optional(),
    values: z.array(z.string()).optional(),
  }),
  accepted: z.array(z.union([z.string(), z.array(z.string())])),
  refused: z.array(z.string()),
  asked: z.array(z.string()),
});

/** One documented value: what a file says, what is sent for it, and what the org gives back; the last two only where it is taken. */
export interface VerdictRow {
  readonly key: string;
  readonly field: string;
  readonly type: FieldTypeName;
  readonly verdict: 'accepted' | 'refused' | 'asked';
  readonly text: string;
  readonly sent: string;
  readonly kept: string;
}

/** The table of documented values as rows of an object that has a field for each of its columns. */
interface VerdictRows {
  /** Additions to a practice org's schema: the object `Verdict__c`. */
  readonly schema: object;
  readonly fields: readonly string[];
  readonly rows: readonly VerdictRow[];
}

/** An id as it stands in the table, of a record that there is: of 15 or 18 characters, the last three in small letters or not. */
function spelledLike(text: string, id: string): string {
  if (text.length === 15) return id.slice(0, 15);
  return /[a-z]/.test(text.slice(15)) ? id.slice(0, 15) + id.slice(15).toLowerCase() : id;
}

function schemaField({ type, field }: z.infer<typeof Column>, name: string): object {
  const { keyPrefixes: _ids, compoundFieldName, restrictedPicklist, values, ...facts } = field;
  return {
    ...facts,
    name,
    label: name,
    type,
    ...(compoundFieldName === undefined ? {} : { compound: compoundFieldName }),
    ...(restrictedPicklist === undefined ? {} : { restricted: restrictedPicklist }),
    ...(values === undefined ? {} : { values }),
    ...(type === 'reference' ? { relationshipName: name.replace('__c', '__r') } : {}),
  };
}

/**
 * Reads `shared/field-types/verdicts.json`. `recordIds` are ids of records by key prefix: those of the table are of no org, and
 * each that is accepted becomes one of these. Values of a record's own id are in the column `Id`, which is no field of the object.
 */
export function verdictRows(recordIds: ReadonlyMap<string, readonly string[]>): VerdictRows {
  const url = new URL('../../../shared/field-types/verdicts.json', import.meta.url);
  const columns = z.array(Column).parse(JSON.parse(readFileSync(url, 'utf8')));
  const used = new Map<string, number>();
  const given = (text: string): string => {
    const prefix = text.slice(0, 3);
    const at = used.get(prefix) ?? 0;
    used.set(prefix, at + 1);
    return recordIds.get(prefix)?.[at] ?? text;
  };
  const names = columns.map(({ type, field }, index) => (type === 'id' ? 'Id' : (field.name ?? `F${index}__c`)));
  const rows = columns.flatMap(({ type, ...column }, index) => {
    const own = { field: names[index] ?? '', type };
    const accepted = column.accepted.map((entry): Omit<VerdictRow, 'key'> => {
      const [text = '', sent = text, kept = sent] = typeof entry === 'string' ? [entry] : entry;
      if (type !== 'id' && type !== 'reference') return { ...own, verdict: 'accepted', text, sent, kept };
      const id = given(text);
      return { ...own, verdict: 'accepted', text: spelledLike(text, id), sent: id, kept: id };
    });
    const others = (['refused', 'asked'] as const).flatMap((verdict) =>
      column[verdict].map((text): Omit<VerdictRow, 'key'> => ({ ...own, verdict, text, sent: text, kept: text })),
    );
    return [...accepted, ...others];
  });
  const fields = columns.flatMap((column, index) =>
    column.type === 'id' ? [] : [schemaField(column, names[index] ?? '')],
  );
  const object = {
    name: 'Verdict__c',
    label: 'Verdict',
    labelPlural: 'Verdicts',
    keyPrefix: 'aV0',
    fields: [
      { name: 'Name', label: 'Verdict Number', type: 'string', nameField: true, autoNumber: 'V-{00000}' },
      { name: 'Key__c', label: 'Key', type: 'string', length: 40, externalId: true, unique: true },
      { name: 'Place__c', label: 'Place', type: 'location', scale: 15 },
      ...fields,
    ],
  };
  return {
    schema: { objects: [object] },
    fields: names.filter((name) => name !== 'Id'),
    rows: rows.map((row, index) => ({ key: `v${index}`, ...row })),
  };
}

const NUMBERS = new Set<FieldTypeName>(['int', 'long', 'double', 'currency', 'percent']);

/** What the REST API gives back for a value that is kept as `text`: a number or a truth where it is one, moments as numbers. */
export function asJson(type: FieldTypeName, text: unknown): unknown {
  if (NUMBERS.has(type)) return Number(text);
  if (type === 'boolean') return String(text) === 'true';
  return type === 'datetime' ? Date.parse(String(text)) : text;
}
