import { zipOf } from './make-zip.ts';

/** A cell as the sheet's XML has it: text, a number with its style, or raw attributes and content. */
export type WorkbookCell =
  string | number | null | { readonly type: string; readonly value: string; readonly style?: number };

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function cellXml(cell: WorkbookCell): string {
  if (cell === null) return '<c/>';
  if (typeof cell === 'number') return `<c><v>${cell}</v></c>`;
  if (typeof cell === 'string') return `<c t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
  return `<c t="${cell.type}" s="${cell.style ?? 0}"><v>${escaped(cell.value)}</v></c>`;
}

/** A workbook by ECMA-376, of one sheet, as little of it as there can be; `parts` replaces or adds any of its files. */
export function workbookOf(
  rows: readonly (readonly WorkbookCell[])[],
  parts: Readonly<Record<string, string>> = {},
): Buffer {
  const sheet = `${HEAD}<worksheet ${MAIN}><sheetData>${rows
    .map((cells) => `<row>${cells.map(cellXml).join('')}</row>`)
    .join('')}</sheetData></worksheet>`;
  const all: Record<string, string> = {
    '[Content_Types].xml': `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook ${MAIN} xmlns:r="${OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': sheet,
    ...parts,
  };
  return zipOf(Object.entries(all).map(([name, content]) => ({ name, content: Buffer.from(content) })));
}
