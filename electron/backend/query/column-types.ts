import { parseSoql } from '../../../shared/soql/parse-soql.ts';
import { fieldNamed, type FieldTypeName, type SObjectDescribe } from '../../../shared/domain/sobject.ts';

/** What a column of an exported file holds, where a format tells kinds apart. */
export type ColumnKind = 'text' | 'number' | 'whole' | 'boolean' | 'date' | 'moment';

const KINDS: Partial<Record<FieldTypeName, ColumnKind>> = {
  boolean: 'boolean',
  int: 'whole',
  long: 'whole',
  double: 'number',
  currency: 'number',
  percent: 'number',
  date: 'date',
  datetime: 'moment',
};

/**
 * The kind of each field of a query; text for what nobody describes: functions, and fields of a parent that may be one of several
 * objects.
 */
export async function columnKinds(
  soql: string,
  columns: readonly string[],
  describe: (objectName: string) => Promise<SObjectDescribe>,
): Promise<ColumnKind[]> {
  const read = parseSoql(soql);
  if (read.kind !== 'query') return columns.map(() => 'text');
  const kinds: ColumnKind[] = [];
  for (const column of columns) {
    const parents = column.split('.');
    const name = parents.pop() ?? '';
    let object: SObjectDescribe | null = await describe(read.query.objectName);
    for (const parent of parents) object = object && (await parentOf(object, parent, describe));
    const field = object && fieldNamed(object, name);
    kinds.push((field && KINDS[field.type]) ?? 'text');
  }
  return kinds;
}

async function parentOf(
  object: SObjectDescribe,
  relationship: string,
  describe: (objectName: string) => Promise<SObjectDescribe>,
): Promise<SObjectDescribe | null> {
  const wanted = relationship.toLowerCase();
  const field = object.fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === wanted);
  const [target, other] = field?.referenceTo ?? [];
  return target === undefined || other !== undefined ? null : describe(target);
}
