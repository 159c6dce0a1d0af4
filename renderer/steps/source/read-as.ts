import type { SourceFormat, SourceSummary } from '../../../shared/domain/source-file.ts';
import { delimiterName } from '../../../shared/text/notice-text.ts';

type Delimited = Extract<SourceFormat, { kind: 'delimited' }>;

/** The line of a text's header, from 1; 0 if it has none. */
export function headerLine({ headerless, linesAbove, sepLine }: Delimited): number {
  return headerless ? 0 : linesAbove + Number(sepLine) + 1;
}

/** How a file was read, in a few words: "comma, utf-8, header in line 1". */
export function readAs({ parts }: Pick<SourceSummary, 'parts'>): string {
  const format = parts[0]?.format;
  if (!format) return '';
  switch (format.kind) {
    case 'delimited': {
      const line = headerLine(format);
      return `${delimiterName(format.delimiter)}, ${format.encoding}, ${line === 0 ? 'no header' : `header in line ${line}`}`;
    }
    case 'json':
      return `JSON, ${format.encoding}`;
    case 'workbook':
      return `sheet “${format.sheet}”, header in row ${format.headerRow}`;
  }
}
