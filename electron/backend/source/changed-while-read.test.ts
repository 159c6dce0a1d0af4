import { execFileSync } from 'node:child_process';
import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { zipOf } from '../test-support/make-zip.ts';
import { openPart } from './open-part.ts';
import { stageSource } from './stage-source.ts';

const signal = new AbortController().signal;
const HEADER = 'Name,BillingCity\n';
/** More than two reports of progress, so that the first comes in the middle of the file. */
const ROWS = 60_000;
const line = (n: number) => `Account number ${n} of them,Hamburg\n`;
const content = HEADER + Array.from({ length: ROWS }, (_, index) => line(index)).join('');
const more = Array.from({ length: 1000 }, (_, index) => line(ROWS + index)).join('');

let folder: string;
let engine: DuckDbEngine;
let path: string;
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-changing-'));
  engine = await DuckDbEngine.create(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  path = join(folder, `log-${++made}.csv`);
});

/** Opens the file, begins to read it, and does something to it once a third is read. */
async function stage(change: () => void, at: 'opened' | 'reading' = 'reading') {
  const file = { path, fileName: 'log.csv', arriving: null };
  const { format, stamp, columns } = await openPart(file, {}, signal);
  let changed = at === 'opened';
  if (changed) change();
  const alias = `src_${String(made).padStart(16, '0')}`;
  await engine.createDatabase(alias, join(folder, `${alias}.duckdb`), { columns: 2, joinedRows: 0 });
  const request = { alias, parts: [{ ...file, format, stamp }], columns: [...columns], slicePath: join(folder, alias) };
  const result = await stageSource(engine, request, signal, () => {
    if (!changed) change();
    changed = true;
  });
  expect(changed).toBe(true);
  return result;
}

async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.catch((one: unknown) => one);
  return error instanceof FailureError ? error.failure : error;
}

const refused = (change: string) => ({ code: 'FILE_CHANGED_WHILE_READ', fileName: 'log.csv', change });

describe('a file that changes', () => {
  test('grows at its end: the rows are those it had, and it is said which', async () => {
    await writeFile(path, content);
    const { rows, notices } = await stage(() => appendFileSync(path, more));
    const grew = { code: 'FILE_GREW' as const, fileName: 'log.csv', rows: ROWS, bytes: Buffer.byteLength(content) };
    expect([rows, notices]).toEqual([ROWS, [grew]]);
    expect(noticeText(grew).text).toContain('60,000 rows in the 2,');
  });

  test('grew after it was opened and before it is read', async () => {
    await writeFile(path, content);
    const { rows, notices } = await stage(() => appendFileSync(path, more), 'opened');
    expect([rows, notices.map(({ code }) => code)]).toEqual([ROWS, ['FILE_GREW']]);
  });

  test('grew in the middle of a row: what there was of it is a row, as the notice says', async () => {
    await writeFile(path, `${content}Half of a`);
    const { rows, problemRows } = await stage(() => appendFileSync(path, ` row,Bremen\n`));
    expect([rows, problemRows]).toEqual([ROWS + 1, 1]);
  });

  test('one packed by gzip grows by another member', async () => {
    await writeFile(path, gzipSync(content, { level: 0 }));
    const { rows, notices } = await stage(() => appendFileSync(path, gzipSync(more)));
    expect([rows, notices.map(({ code }) => code)]).toEqual([ROWS, ['FILE_GREW']]);
  });

  test('is touched, or replaced by the same: nothing to say', async () => {
    await writeFile(path, content);
    expect((await stage(() => utimesSync(path, 1, 1))).notices).toEqual([]);
    path = join(folder, `log-${++made}.csv`);
    await writeFile(path, content);
    const same = () => {
      writeFileSync(`${path}.new`, content);
      renameSync(`${path}.new`, path);
    };
    expect((await stage(same)).notices).toEqual([]);
  });

  test.each<[string, string, () => void]>([
    ['is cut off', 'shrank', () => truncateSync(path, 100_000)],
    ['is emptied', 'shrank', () => truncateSync(path, 0)],
    [
      'is emptied and written anew, longer',
      'replaced',
      () => writeFileSync(path, content.replaceAll('Hamburg', 'Hamburg-Altona')),
    ],
    ['is written anew, as long', 'replaced', () => writeFileSync(path, content.replaceAll('Hamburg', 'Munich '))],
    ['is deleted', 'replaced', () => rmSync(path)],
    [
      'has another put in its place',
      'replaced',
      () => {
        writeFileSync(`${path}.new`, content.replace('number 59999', 'number 00000'));
        renameSync(`${path}.new`, path);
      },
    ],
  ])('%s: it is refused', async (_what, change, work) => {
    await writeFile(path, content);
    expect(await refusalOf(stage(work))).toEqual(refused(change));
    expect(failureText(refused(change) as never).next).toContain('open it again');
  });

  test('a packed one to which something is added is another', async () => {
    await writeFile(path, zipOf([{ name: 'log.csv', content: Buffer.from(content), stored: true }]));
    expect(await refusalOf(stage(() => appendFileSync(path, 'more')))).toEqual(refused('replaced'));
  });

  test('what is cut off within quotes is blamed on the cut', async () => {
    const quoted = `${content}"two\n${'lines '.repeat(200_000)}",Hamburg\n`;
    await writeFile(path, quoted);
    expect(await refusalOf(stage(() => truncateSync(path, quoted.length - 100_000)))).toEqual(refused('shrank'));
  });
});

describe('over the contract', () => {
  let org: Awaited<ReturnType<typeof startPracticeOrg>>;
  let app: TestBackend;
  let orgId: OrgId;
  beforeAll(async () => {
    org = await startPracticeOrg(['--records', '50']);
    app = await startBackend(org);
    ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
  });
  afterAll(async () => {
    await app.close();
    org.stop();
  });

  const opened = async (
    sourceId: Awaited<ReturnType<TestBackend['backend']['handOver']>>,
    change = () => undefined as void,
  ) => {
    const done = app.waitFor((event) =>
      event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind !== 'staging'
        ? event.source
        : null,
    );
    await app.call('source.open', { sourceId, choice: {} });
    change();
    return done;
  };
  const planOf = async (sourceId: Awaited<ReturnType<typeof opened>>['sourceId']) => {
    const suggested = { orgId, sourceId, objectName: 'Account', operation: 'insert' as const, useSaved: false };
    return { orgId, sourceId, mapping: await app.call('mapping.suggest', suggested) };
  };

  test('a file that grew is not planned without a yes; opened again it is as it is now', async () => {
    // Opening answers long before so many rows are read.
    await writeFile(path, content + more.repeat(200));
    const { sourceId, notices, state } = await opened(await app.backend.handOver([path]), () =>
      appendFileSync(path, more),
    );
    expect(state).toMatchObject({ kind: 'staged', rows: ROWS + 200_000 });
    expect(notices.at(-1)).toMatchObject({ code: 'FILE_GREW', rows: ROWS + 200_000 });
    const request = await planOf(sourceId);
    await expect(app.call('plan.build', request)).rejects.toMatchObject({
      failure: { code: 'FILE_CHANGED_WHILE_READ', change: 'grew' },
    });
    // The yes holds for what was read, whatever is planned of it.
    const planned = await app.call('plan.build', { ...request, acceptChangedFile: true });
    expect(planned.rows).toBe(ROWS + 200_000);
    expect((await app.call('plan.build', request)).rows).toBe(ROWS + 200_000);
    const again = await opened(sourceId);
    expect(again.state).toMatchObject({ kind: 'staged', rows: ROWS + 201_000 });
    expect(again.notices.map(({ code }) => code)).not.toContain('FILE_GREW');
    expect((await app.call('plan.build', request)).rows).toBe(ROWS + 201_000);
  }, 120_000);

  test('one that was cut off is refused, and is read once it is opened again', async () => {
    await writeFile(path, content + more.repeat(200));
    const cut = await opened(await app.backend.handOver([path]), () =>
      truncateSync(path, HEADER.length + line(0).length),
    );
    expect(cut.state).toEqual({
      kind: 'refused',
      failure: { code: 'FILE_CHANGED_WHILE_READ', fileName: `log-${made}.csv`, change: 'shrank' },
    });
    expect((await opened(cut.sourceId)).state).toMatchObject({ kind: 'staged', rows: 1 });
  });

  test.skipIf(process.platform === 'win32')(
    'a pipe, a socket and a device are refused, and nothing waits for them',
    async () => {
      execFileSync('mkfifo', [path]);
      const socket = join(folder, 'socket');
      const server = createServer().listen(socket);
      const failure = { code: 'FILE_UNREADABLE', reason: 'NOT_A_FILE' };
      for (const one of [path, socket, '/dev/zero', '/dev/null'])
        await expect(app.backend.handOver([one]), one).rejects.toMatchObject({ failure });
      server.close();
      // Put in a file's place after that was chosen, it is refused when it is opened.
      path = join(folder, `log-${++made}.csv`);
      await writeFile(path, content);
      const sourceId = await app.backend.handOver([path]);
      await rm(path);
      execFileSync('mkfifo', [path]);
      await expect(app.call('source.open', { sourceId, choice: {} })).rejects.toMatchObject({ failure });
      expect(failureText({ code: 'FILE_UNREADABLE', fileName: 'x', reason: 'NOT_A_FILE' }).title).toContain('pipe');
    },
  );

  test.skipIf(process.platform === 'win32')(
    'a pipe put in its place before it is read keeps no one waiting',
    async () => {
      await writeFile(path, content);
      const changed = stage(() => {
        rmSync(path);
        execFileSync('mkfifo', [path]);
      }, 'opened');
      expect(await refusalOf(changed)).toMatchObject({ code: 'FILE_UNREADABLE', reason: 'NOT_A_FILE' });
    },
  );
});
