import { element, elements, parseXml, textOf, type XmlElement } from '../http/xml.ts';
import { plainText } from '../http/plain-text.ts';
import { UploadError, UploadReader, type UploadRow } from './upload-reader.ts';

export type ContentType = 'CSV' | 'JSON' | 'XML';

/** The rows of a batch. JSON and XML batches are laid out as rows too: null is `#N/A`, what is left out is empty. */
export function readRows(
  contentType: ContentType,
  request: Buffer,
  lineEnding: 'CRLF' | null,
): { header: readonly string[]; rows: UploadRow[] } {
  const text = request.toString('utf8');
  if (contentType === 'CSV') {
    const ending = lineEnding ?? (/^[^\n"]*\r\n/.test(text) ? 'CRLF' : 'LF');
    const reader = new UploadReader(',', ending);
    const rows = reader.push(text, true);
    reader.end();
    return { header: reader.header ?? [], rows };
  }
  const records = contentType === 'JSON' ? jsonRecords(text) : xmlRecords(request);
  const header = [...new Set(records.flatMap((record) => [...record.keys()]))];
  return {
    header,
    rows: records.map((record) => ({ cells: header.map((name) => record.get(name) ?? ''), problem: null })),
  };
}

function jsonRecords(text: string): Map<string, string>[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new UploadError(`InvalidBatch : Unable to parse JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!Array.isArray(list)) throw new UploadError('InvalidBatch : A JSON batch is an array of records');
  return list.map((record: Record<string, unknown>) => {
    const cells = new Map<string, string>();
    for (const [name, value] of Object.entries(record)) {
      if (name === 'attributes') continue;
      if (value === null) cells.set(name, '#N/A');
      else if (typeof value === 'object') {
        for (const [inner, key] of Object.entries(value))
          if (inner !== 'attributes') cells.set(`${name}.${inner}`, String(key));
      } else cells.set(name, plainText(value));
    }
    return cells;
  });
}

function xmlRecords(body: Buffer): Map<string, string>[] {
  return elements(element(parseXml(body), 'sObjects') ?? {}, 'sObject').map((record: XmlElement) => {
    const cells = new Map<string, string>();
    for (const [name, value] of Object.entries(record)) {
      if (name.startsWith('@') || name === '#text') continue;
      const node = element(record, name);
      const related = node ? element(node, 'sObject') : null;
      if (related) {
        for (const [inner, key] of Object.entries(related))
          if (!/^[@#]|^type$/.test(inner)) cells.set(`${name}.${inner}`, textOf(key));
      } else cells.set(name, node?.['@nil'] === 'true' ? '#N/A' : textOf(Array.isArray(value) ? value[0] : value));
    }
    return cells;
  });
}
