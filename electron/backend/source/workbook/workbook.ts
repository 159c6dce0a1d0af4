import { getFormatFromId } from 'numfmt';
import type { Sheet } from '../../../../shared/domain/source-file.ts';
import { PLAIN, styleOf, type NumberStyle } from './number-text.ts';
import { SharedStrings } from './shared-strings.ts';
import { refuseWorkbook, type WorkbookZip } from './workbook-zip.ts';
import { attribute, xmlReader, type ElementHandler } from './xml-elements.ts';

/** What a workbook's small parts say: its sheets, and how cells are to be read. */
export interface Workbook {
  readonly sheets: readonly (Sheet & { readonly part: string })[];
  readonly dates1904: boolean;
  /** By the number that a cell gives as its style. */
  readonly styles: readonly NumberStyle[];
  readonly stringsPart: string;
}

async function readPart(zip: WorkbookZip, part: string, signal: AbortSignal, handler: ElementHandler): Promise<void> {
  const reader = xmlReader(handler);
  reader.write(await zip.text(part, signal));
  reader.end();
}

/** A target of a relation, as a part's name: relative to the folder of the part that relates, or from the top. */
function resolve(part: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const segments = part.split('/').slice(0, -1);
  for (const segment of target.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.') segments.push(segment);
  }
  return segments.join('/');
}

async function relations(
  zip: WorkbookZip,
  part: string,
  signal: AbortSignal,
): Promise<{ id: string; type: string; target: string }[]> {
  const found: { id: string; type: string; target: string }[] = [];
  const folder = part.includes('/') ? part.slice(0, part.lastIndexOf('/') + 1) : '';
  await readPart(zip, `${folder}_rels/${part.slice(folder.length)}.rels`, signal, {
    open: (name, attributes) => {
      if (name !== 'Relationship' || attributes['TargetMode'] === 'External') return;
      found.push({
        id: attributes['Id'] ?? '',
        type: attributes['Type']?.split('/').at(-1) ?? '',
        target: resolve(part, attributes['Target'] ?? ''),
      });
    },
  });
  return found;
}

/** Reads what every sheet needs (ECMA-376 part 1, 18). Throws `FILE_WORKBOOK`. */
export async function readWorkbook(zip: WorkbookZip, signal: AbortSignal): Promise<Workbook> {
  const top = await relations(zip, '', signal);
  const main = top.find(({ type }) => type === 'officeDocument')?.target ?? 'xl/workbook.xml';
  const related = await relations(zip, main, signal);
  const targetOf = (type: string) => related.find((one) => one.type === type)?.target ?? '';
  const sheets: (Sheet & { part: string })[] = [];
  let dates1904 = false;
  await readPart(zip, main, signal, {
    open: (name, attributes) => {
      if (name === 'workbookPr') dates1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const relation = related.find(({ id }) => id === attribute(attributes, 'id'));
      // Sheets of charts and of old macros hold no cells.
      if (relation?.type !== 'worksheet') return;
      sheets.push({
        name: attributes['name'] ?? '',
        hidden: (attributes['state'] ?? 'visible') !== 'visible',
        part: relation.target,
      });
    },
  });
  if (sheets.length === 0) refuseWorkbook(zip.fileName, zip.has(main) ? 'no-sheet' : 'damaged');
  return {
    sheets,
    dates1904,
    styles: await readStyles(zip, targetOf('styles'), signal),
    stringsPart: targetOf('sharedStrings'),
  };
}

async function readStyles(zip: WorkbookZip, part: string, signal: AbortSignal): Promise<NumberStyle[]> {
  const patterns = new Map<number, string>();
  const formats: number[] = [];
  let inCellFormats = false;
  await readPart(zip, part, signal, {
    open: (name, attributes) => {
      if (name === 'numFmt') patterns.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (name === 'cellXfs') inCellFormats = true;
      else if (name === 'xf' && inCellFormats) formats.push(Number(attributes['numFmtId'] ?? 0));
    },
    close: (name) => {
      if (name === 'cellXfs') inCellFormats = false;
    },
  });
  const styles = new Map<number, NumberStyle>();
  return formats.map((id) => {
    const known = styles.get(id) ?? styleOfId(id, patterns.get(id));
    styles.set(id, known);
    return known;
  });
}

function styleOfId(id: number, own: string | undefined): NumberStyle {
  try {
    return styleOf(own ?? getFormatFromId(id));
  } catch {
    // A pattern that Excel itself would not take says nothing about the number.
    return PLAIN;
  }
}

export function readStrings(zip: WorkbookZip, workbook: Workbook, signal: AbortSignal): Promise<SharedStrings> {
  return SharedStrings.read(zip, workbook.stringsPart, signal);
}
