import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseTopLevelAwait, topLevelAwaits } from './top-level-await.ts';

test.each([
  ['a bare one', 'await app.whenReady();'],
  ['one in an expression', 'const made = (await make().catch((error) => error)) ?? 1;'],
  ['one in a block', 'if (x) { try { await y; } catch {} }'],
  ['an import', 'const { a } = await import("./a.js");'],
  ['a loop', 'for await (const x of y) z(x);'],
  ['a resource', '{ await using x = y; }'],
  ['one in a class’s heritage', 'class A extends (await b) {}'],
])('%s at the top level is found', (_name, code) => {
  expect(topLevelAwaits(`export {};\n${code}`)).toHaveLength(1);
});

test.each([
  ['a function', 'async function start() { await x; for await (const y of z) await y; }'],
  ['an arrow', 'void app.whenReady().then(async () => { await start(); });'],
  ['a method', 'class A { async b() { await c; } static d = async () => { await e; }; }'],
  ['a sync loop', 'for (const x of y) z(x);'],
])('one in %s waits in its own time', (_name, code) => {
  expect(topLevelAwaits(code)).toEqual([]);
});

test('a built entry is refused also for what it imports, and where it awaits is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-await-'));
  const put = (name: string, code: string) => writeFile(join(folder, name), code);
  try {
    await put('main.js', 'import { app } from "electron";\nimport { a } from "./a.js";\napp.whenReady().then(a);\n');
    await put('a.js', 'export * from "./b.js";\nexport const later = () => import("./later.js");\n');
    await put('b.js', 'export const a = 1;\n');
    await put('later.js', 'await 1;\n');
    await expect(refuseTopLevelAwait(join(folder, 'main.js'))).resolves.toBeUndefined();
    await put('b.js', 'import "./main.js";\nexport const a =\n  await b;\n');
    await expect(refuseTopLevelAwait(join(folder, 'main.js'))).rejects.toThrow(/b\.js:3 awaits at the top level/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
