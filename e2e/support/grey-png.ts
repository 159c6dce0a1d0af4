import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** A picture of one byte a pixel, 0 is black, row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** A PNG of 8 bits of grey and no filter (PNG specification, third edition, 11.2.1 IHDR and 9.2 filter type 0). */
export function writeGreyPng({ width, height, pixels }: GreyPicture): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.writeUInt8(8, 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Reads what `writeGreyPng` wrote. Throws for any other PNG. */
export function readGreyPng(bytes: Buffer): GreyPicture {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const isOurs =
    bytes.subarray(0, 8).equals(SIGNATURE) && bytes.subarray(24, 29).equals(Buffer.from('0800000000', 'hex'));
  const at = bytes.indexOf('IDAT');
  if (!isOurs || at < 0) throw new Error('not a grey picture of ours');
  const rows = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
  if (rows.length !== (width + 1) * height) throw new Error('not a grey picture of ours');
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    if (rows[y * (width + 1)] !== 0) throw new Error('not a grey picture of ours');
    pixels.set(rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)), y * width);
  }
  return { width, height, pixels };
}
