import { Readable } from 'node:stream';
import { makeId } from '../records/record-ids.ts';

/** The records of a CSV text that comes in pieces, verbatim with their line ends; a quoted line end is part of its record. */
export async function* csvRecords(source: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let quoted = false;
  let looked = 0;
  for await (const piece of source as AsyncIterable<Buffer | string>) {
    rest += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    let start = 0;
    for (; looked < rest.length; looked++) {
      const c = rest.charCodeAt(looked);
      if (c === 34) quoted = !quoted;
      else if (c === 10 && !quoted) {
        yield rest.slice(start, looked + 1);
        start = looked + 1;
      }
    }
    rest = rest.slice(start);
    looked = rest.length;
  }
  if (rest !== '') yield rest;
}

/** The header and the first `keep` records of a CSV text. */
export function firstRecords(source: Readable, keep: number): Readable {
  return Readable.from(
    (async function* () {
      let left = keep + 1;
      for await (const record of csvRecords(source)) {
        if (left-- <= 0) return;
        yield Buffer.from(record);
      }
    })(),
    { objectMode: false },
  );
}

/** Ids that the org never gives out: its counters do not come so far. */
const NOBODYS = 3_000_000_000;

/** The header of a CSV text over as many records as it has, at least one, of cells that nobody ever uploaded. */
export function inventedRecords(source: Readable): Readable {
  return Readable.from(
    (async function* () {
      let number = 0;
      let header = '';
      const cell = (name: string): string => {
        if (/^(?:sf__)?id$/i.test(name)) return makeId('001', NOBODYS + number);
        return name === 'sf__Created' ? 'true' : `invented ${number}`;
      };
      // Names of fields have no punctuation but these, so whatever else stands between them is the delimiter.
      const row = (): Buffer =>
        Buffer.from(header.replace(/"?([\w.:]+)"?/g, (_all, name: string) => `"${cell(name)}"`));
      for await (const record of csvRecords(source)) {
        if (number === 0) {
          header = record;
          yield Buffer.from(record);
        } else yield row();
        number++;
      }
      if (number === 1) yield row();
    })(),
    { objectMode: false },
  );
}
