import { z } from 'zod';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { FieldDescribe, SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { RecordImporter, type FetchRequest, type FetchTools } from './fetch-current-records.ts';
import { URI_BYTES } from './fetch/choose-way.ts';
import { keyLists } from './fetch/key-lists.ts';
import { NOTHING_COMPARED, selectRecords, soqlLiteral, whereClause } from './record-request.ts';

/** Keys of no record, at most, that the org is asked about one by one; of more, a query job reads what is deleted. */
export const ASKED = 2000;

const Page = z.object({
  records: z.array(z.record(z.string(), z.unknown())),
  done: z.boolean(),
  nextRecordsUrl: z.string().optional(),
});

/** Asks for records that lie in the Recycle Bin; they are told from others by `IsDeleted`, which their object must have. */
export function deletedRequest(
  {
    planId,
    describe,
    folder,
  }: { readonly planId: PlanId; readonly describe: SObjectDescribe; readonly folder: string },
  keyField: FieldDescribe,
  table: string,
): FetchRequest {
  return {
    alias: planId,
    table,
    folder,
    objectName: describe.name,
    keyField,
    ...NOTHING_COMPARED,
    condition: 'IsDeleted = true',
  };
}

/** Leaves in the request's table the deleted records of the keys in `wanted` (`WANTED`), of which there are `count`. */
export async function fetchDeleted(
  tools: FetchTools,
  request: FetchRequest,
  { wanted, count }: { readonly wanted: string; readonly count: number },
  signal: AbortSignal,
): Promise<void> {
  const { keyField } = request;
  const importer = new RecordImporter(tools, request, signal, () => undefined);
  await importer.begin();
  if (count > ASKED) {
    const hasKey = keyField.type === 'id' ? null : `${keyField.name} != null`;
    await importer.bulkQuery(selectRecords(request) + whereClause(request, hasKey), 'queryAll');
  } else {
    const limits = { size: URI_BYTES - 300, measure: (written: string) => encodeURIComponent(written).length + 3 };
    const literal = (one: string) => soqlLiteral(one, keyField);
    for await (const keys of keyLists(tools.staging.until(signal), wanted, limits, literal)) {
      const soql = selectRecords(request) + whereClause(request, `${keyField.name} IN (${keys.join(',')})`);
      for (let path: string | undefined = `queryAll?q=${encodeURIComponent(soql)}`; path;) {
        const page: z.infer<typeof Page> = await tools.client.json('GET', path, Page, signal);
        await importer.take(page.records);
        path = page.done ? undefined : page.nextRecordsUrl;
      }
    }
  }
  await importer.finish(`SEMI JOIN ${wanted} USING (k)`);
}
