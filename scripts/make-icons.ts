import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { findChromium } from './find-chromium.ts';

/** Renders `build/icon.svg` into what the systems want: a folder of PNG for Linux, an `.ico` for Windows, an `.icns` for macOS. */
const BUILD = fileURLToPath(new URL('../build/', import.meta.url));
const LINUX = [16, 24, 32, 48, 64, 128, 256, 512];
const WINDOWS = [16, 24, 32, 48, 64, 128, 256];
/** Apple's grid: the tile takes 824 of 1024 points, the rest is left for its shadow. */
const MAC_TILE = 824 / 1024;
/** The types of the format's PNG entries, and the pixels of each; `ic10` to `ic14` are the sizes for Retina. */
const MAC = {
  icp4: 16,
  icp5: 32,
  ic07: 128,
  ic08: 256,
  ic09: 512,
  ic11: 32,
  ic12: 64,
  ic13: 256,
  ic14: 512,
  ic10: 1024,
};

/** The format of Windows’ icons since Vista: a directory, then each picture as PNG. */
function ico(pictures: readonly { size: number; png: Buffer }[]): Buffer {
  const directory = Buffer.alloc(6 + 16 * pictures.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(pictures.length, 4);
  let offset = directory.length;
  pictures.forEach(({ size, png }, index) => {
    const at = 6 + 16 * index;
    // 256 is written as 0.
    directory.writeUInt8(size % 256, at);
    directory.writeUInt8(size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(png.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([directory, ...pictures.map(({ png }) => png)]);
}

/** Apple’s icon format: a head, then entries of a type of four letters, a length and a PNG. */
function icns(pictures: readonly { type: string; png: Buffer }[]): Buffer {
  const entry = (type: string, content: Buffer): Buffer => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32BE(content.length + 8, 4);
    return Buffer.concat([head, content]);
  };
  return entry('icns', Buffer.concat(pictures.map(({ type, png }) => entry(type, png))));
}

const svg = (await readFile(`${BUILD}icon.svg`)).toString('base64');
const executablePath = findChromium();
const browser = await chromium.launch({
  args: ['--no-sandbox'],
  ...(executablePath === null ? {} : { executablePath }),
});
const page = await browser.newPage();

async function picture(size: number, tile = 1): Promise<Buffer> {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<body style="margin:0;height:100vh;display:grid;place-items:center"><img width="${size * tile}" src="data:image/svg+xml;base64,${svg}">`,
  );
  await page.waitForFunction('document.images[0].complete');
  return page.screenshot({ omitBackground: true });
}

await mkdir(`${BUILD}icons`, { recursive: true });
for (const size of LINUX) await writeFile(`${BUILD}icons/${size}x${size}.png`, await picture(size));
const windows = [];
for (const size of WINDOWS) windows.push({ size, png: await picture(size) });
await writeFile(`${BUILD}icon.ico`, ico(windows));
const mac = [];
for (const [type, size] of Object.entries(MAC)) mac.push({ type, png: await picture(size, MAC_TILE) });
await writeFile(`${BUILD}icon.icns`, icns(mac));
await browser.close();
