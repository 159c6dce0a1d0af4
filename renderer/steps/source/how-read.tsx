import { NativeSelect, NumberInput } from '@mantine/core';
import { useState } from 'react';
import {
  Delimiter,
  Encoding,
  type SourceChoice,
  type SourceFormat,
  type SourceSummary,
} from '../../../shared/domain/source-file.ts';
import { delimiterName } from '../../../shared/text/notice-text.ts';
import { headerLine } from './read-as.ts';

/** Encodings by what they are for: thirty labels in a row say nothing to most people. */
const ENCODING_GROUPS: { group: string; items: Encoding[] }[] = [
  { group: 'Unicode', items: ['utf-8', 'utf-16le', 'utf-16be'] },
  { group: 'Western Europe', items: ['windows-1252', 'iso-8859-15', 'macintosh', 'iso-8859-14', 'cp850', 'cp437'] },
  { group: 'Central and Eastern Europe', items: ['windows-1250', 'iso-8859-2', 'iso-8859-16', 'iso-8859-3'] },
  { group: 'Cyrillic', items: ['windows-1251', 'koi8-r', 'koi8-u', 'iso-8859-5', 'x-mac-cyrillic'] },
  { group: 'Baltic and Nordic', items: ['windows-1257', 'iso-8859-4', 'iso-8859-10', 'iso-8859-13'] },
  { group: 'Greek and Turkish', items: ['windows-1253', 'iso-8859-7', 'windows-1254'] },
  { group: 'Hebrew, Arabic', items: ['windows-1255', 'iso-8859-8', 'windows-1256', 'iso-8859-6'] },
  { group: 'Vietnamese, Thai', items: ['windows-1258', 'windows-874'] },
  { group: 'East Asia', items: ['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr'] },
];

type Delimited = Extract<SourceFormat, { kind: 'delimited' }>;

interface Props {
  readonly source: SourceSummary;
  readonly reopen: (choice: SourceChoice) => Promise<void>;
}

/** How the file was read, each choice where it can be overruled. */
export function HowRead({ source, reopen }: Props) {
  const format = source.parts[0]?.format;
  if (!format) return null;
  return (
    <section className="panel" aria-label="How the file was read">
      <h3>How it was read</h3>
      {format.kind === 'delimited' && (
        <NativeSelect
          mt="xs"
          label="Delimiter"
          value={format.delimiter}
          data={Delimiter.options.map((value) => ({ value, label: delimiterName(value) }))}
          onChange={(event) =>
            void reopen({
              encoding: format.encoding,
              delimiter: Delimiter.parse(event.currentTarget.value),
              ...headerChoice(format),
            })
          }
        />
      )}
      {format.kind !== 'workbook' && (
        <NativeSelect
          mt="xs"
          label="Encoding"
          value={format.encoding}
          data={ENCODING_GROUPS}
          onChange={(event) =>
            void reopen({
              encoding: Encoding.parse(event.currentTarget.value),
              ...(format.kind === 'delimited' ? { delimiter: format.delimiter, ...headerChoice(format) } : {}),
            })
          }
        />
      )}
      {format.kind === 'delimited' && (
        <HeaderRow
          row={headerLine(format)}
          choose={(headerRow) => void reopen({ encoding: format.encoding, delimiter: format.delimiter, headerRow })}
        />
      )}
      {format.kind === 'json' && (
        <p className="lead" style={{ marginTop: 8 }}>
          JSON, {format.layout === 'lines' ? 'one record per line' : 'an array of records'}.
        </p>
      )}
      {format.kind === 'workbook' && <WorkbookChoices format={format} reopen={reopen} />}
    </section>
  );
}

function WorkbookChoices({
  format,
  reopen,
}: {
  readonly format: Extract<SourceFormat, { kind: 'workbook' }>;
  readonly reopen: Props['reopen'];
}) {
  return (
    <>
      <NativeSelect
        mt="xs"
        label="Sheet"
        value={format.sheet}
        data={format.sheets.map(({ name, hidden }) => ({ value: name, label: hidden ? `${name} (hidden)` : name }))}
        onChange={(event) => void reopen({ sheet: event.currentTarget.value })}
      />
      <HeaderRow
        key={format.sheet}
        row={format.headerRow}
        choose={(headerRow) => void reopen({ sheet: format.sheet, headerRow })}
      />
    </>
  );
}

/** Where the columns' names stand. */
function HeaderRow({ row, choose }: { readonly row: number; readonly choose: (row: number) => void }) {
  const [typed, setTyped] = useState<number>(row);
  const [read, setRead] = useState(row);
  // Read anew, the header may be elsewhere.
  if (read !== row) {
    setRead(row);
    setTyped(row);
  }
  const readFrom = () => {
    if (typed !== row) choose(typed);
  };
  return (
    <NumberInput
      mt="xs"
      label="Header row"
      description="0 if the file has no header"
      min={0}
      max={1_048_576}
      clampBehavior="strict"
      value={typed}
      onChange={(value) => setTyped(value === '' ? row : Number(value))}
      onBlur={readFrom}
      onKeyDown={(event) => event.key === 'Enter' && readFrom()}
    />
  );
}

/** What was read otherwise than by default stays so when something else is chosen. */
function headerChoice(format: Delimited): SourceChoice {
  return format.headerless || format.linesAbove > 0 ? { headerRow: headerLine(format) } : {};
}
