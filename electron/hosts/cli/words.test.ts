import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCliWorld, type CliWorld, type Ended } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
  await writeFile(join(world.folder, 'a.csv'), 'Name,Berth_Code__c\nA,W-1\n');
});
afterAll(() => world.close());

/** What was said on either stream is sentences: no stack, no class names, no bare codes of ours. */
function inWords({ stdout, stderr }: Ended): string {
  const said = stdout + stderr;
  expect(said).not.toMatch(/^\s+at .+:\d+/m);
  expect(said).not.toMatch(/\b[A-Z]\w*Error\b|FailureError/);
  return said;
}

const EXPORT = ['export', '--output-file', 'x.csv', '-q'];

describe('each refusal is said in words, with its exit code', () => {
  test.each<[string, string[], NodeJS.ProcessEnv, number, RegExp]>([
    ['SOQL that is none', [...EXPORT, 'SELEC Id'], {}, 3, /Salesforce refused the request: .*MALFORMED_QUERY/s],
    ['a field that is not there', [...EXPORT, 'SELECT Nope FROM Account'], {}, 3, /INVALID_FIELD/],
    ['an object that is not there', [...EXPORT, 'SELECT Id FROM Nope'], {}, 3, /Salesforce refused the request/],
    [
      'an org nobody signed in to',
      [...EXPORT, 'SELECT Id FROM Account', '-o', 'nobody'],
      {},
      3,
      /not signed in to that org/,
    ],
    ['a token that is none', ['orgs'], { SF_ACCESS_TOKEN: 'garbage' }, 2, /session|token/i],
    ['a token that has ended', ['orgs'], { SF_ACCESS_TOKEN: '00DPR0000000001!AQold' }, 2, /session|token/i],
    ['an address that is none', ['orgs'], { SF_ORG_INSTANCE_URL: 'nowhere' }, 3, /“nowhere” is not a sign-in address/],
    ['a host that is not there', ['orgs', '--instance-url', 'http://127.0.0.1:59998'], {}, 2, /can’t be reached/],
    ['a file that is not there', ['check', '-s', 'Account', '-f', 'nowhere.csv'], {}, 3, /moved or deleted/],
    ['an object to load that is not there', ['check', '-s', 'Nope', '-f', 'a.csv'], {}, 3, /no object Nope/],
    ['a load that is not there', ['resume', 'load_nowhere'], {}, 3, /That load no longer exists/],
    ['no load', ['resume'], {}, 1, /enter a load id/],
    [
      'a header row that is no number',
      ['check', '-s', 'Account', '-f', 'a.csv', '--header-row', 'x'],
      {},
      1,
      /row number/,
    ],
    ['no file', ['load', '-s', 'Account'], {}, 1, /required option/],
  ])('%s', async (_name, args, env, code, words) => {
    const ended = await world.run(args, env);
    expect(inWords(ended)).toMatch(words);
    expect(ended.code).toBe(code);
  });
});

test('a sign-in that is refused on Salesforce’s page is said, with the server’s exit code', async () => {
  const org = world.env['SF_ORG_INSTANCE_URL'] ?? '';
  const running = world.start(['orgs', '--login', org, '--client-id', 'any'], { SF_ACCESS_TOKEN: '' });
  const address = new URL(await running.printed(/Open this address to sign in: (\S+)/));
  // What the org's page does with a "Deny" (RFC 6749, section 4.1.2.1).
  const back = new URL(address.searchParams.get('redirect_uri') ?? '');
  const answer = {
    error: 'access_denied',
    error_description: 'denied',
    state: address.searchParams.get('state') ?? '',
  };
  back.search = new URLSearchParams(answer).toString();
  await (await fetch(back)).text();
  const ended = await running.ended;
  expect(inWords(ended)).toContain('Access was not allowed');
  expect(ended.code).toBe(2);
});

describe('files go where they are wanted', () => {
  const query = ['export', '-q', 'SELECT Name FROM Account', '--output-file'];

  test('an absolute place, and one below the current folder', async () => {
    for (const [given, place] of [
      [join(world.folder, 'far', 'accounts.csv'), join(world.folder, 'far', 'accounts.csv')],
      ['near/accounts.csv', join(world.folder, 'near', 'accounts.csv')],
    ] as const) {
      expect((await world.run([...query, given])).code).toBe(0);
      expect((await readFile(place, 'utf8')).trimEnd().split('\n')).toHaveLength(6);
    }
    expect(await readdir(join(world.folder, 'far'))).toEqual(['accounts.csv']);
  });

  test('a device is written to, and stays one', async () => {
    expect((await world.run([...query, '/dev/null'])).code).toBe(0);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  test('one that can’t be written to is said, and nothing half-written stays', async () => {
    await mkdir(join(world.folder, 'taken'));
    for (const [place, words] of [
      ['/dev/full', '“/dev/full” can’t be saved: the disk is full.'],
      ['a.csv/x.csv', '“a.csv/x.csv” can’t be saved there (part of its path is not a folder).'],
      ['taken', '“taken” can’t be saved there (it is a folder).'],
    ] as const) {
      const ended = await world.run([...query, place]);
      expect(inWords(ended)).toContain(words);
      expect(ended.code).toBe(3);
    }
  });

  test('a load whose result files could not be written has them written by report', async () => {
    const ended = await world.run([
      'load',
      '-f',
      'a.csv',
      '-s',
      'Berth__c',
      '-i',
      'Berth_Code__c',
      '--results-dir',
      'a.csv',
    ]);
    expect(inWords(ended)).toContain('part of its path is not a folder');
    expect(ended.code).toBe(3);
    const loadId = /Load (load_\w+) started/.exec(ended.stdout)?.[1] ?? '';
    expect((await world.run(['report', loadId, '--results-dir', 'mended'])).code).toBe(0);
    expect(await readFile(join(world.folder, 'mended', 'a-success.csv'), 'utf8')).toContain('W-1');
  });
});

describe('what is wrong with its own files is said', () => {
  test('a data folder that can’t be made: in words, with a log elsewhere', async () => {
    const ended = await world.run(['orgs'], { LONGSHORE_DATA: join(world.folder, 'a.csv', 'data') });
    expect(inWords(ended)).toMatch(/could not write its data folder \(part of its path is not a folder\)/);
    const place = /It is written to (\S+longshore\.log)/.exec(ended.stderr)?.[1] ?? '';
    expect(await readFile(place, 'utf8')).toBe('');
    expect(ended.code).toBe(3);
  });

  test('damaged settings are kept aside, and the command does its work', async () => {
    const data = join(world.folder, 'damaged');
    await mkdir(data);
    await writeFile(join(data, 'settings.json'), 'no settings');
    const { code, stderr, stdout } = await world.run(['orgs'], { LONGSHORE_DATA: data });
    expect(stderr).toContain('kept as “settings.json.damaged-1”');
    expect(stdout).toContain('admin@practice.example');
    expect(code).toBe(0);
    expect(await readFile(join(data, 'settings.json.damaged-1'), 'utf8')).toBe('no settings');
    expect(await readFile(join(data, 'settings.json'), 'utf8')).toContain('admin@practice.example');
  });

  test('an error nobody expected is an incident with the place of the log, and no stack', async () => {
    const boom = `const write = process.stderr.write;
      process.stderr.write = function (text, ...more) {
        if (String(text).includes('Open this address')) setImmediate(() => { throw new RangeError('boom'); });
        return write.call(this, text, ...more);
      };`;
    const module = `data:text/javascript,${encodeURIComponent(boom)}`;
    const waiting = ['orgs', '--login', 'http://127.0.0.1:59998', '--client-id', 'x'];
    const ended = await world.run(waiting, { NODE_OPTIONS: `--import=${module}` });
    const [, incidentId = '?', place = '?'] = /\(incident (\w+)\).*with the log \((\S+)\)/s.exec(inWords(ended)) ?? [];
    expect(ended.code).toBe(3);
    const logged = await readFile(place.replace('~', process.env['HOME'] ?? '~'), 'utf8');
    expect(logged).toContain(incidentId);
    expect(logged).toContain('RangeError: boom');
  });
});

test('a plan says which way was chosen for its rows, and why', async () => {
  await writeFile(join(world.folder, 'ways.csv'), 'Name,Berth_Code__c\nNew,WAY-1\n');
  const plan = ['plan', '-f', 'ways.csv', '-s', 'Berth__c', '--operation', 'upsert', '-i', 'Berth_Code__c'];
  const told = async (...more: string[]) => (await world.run([...plan, ...more])).stdout;
  expect(await told('--way', 'automatic')).toContain(
    '  Sent in one request, because it is only 1 row: results come at once.',
  );
  expect(await told('--way', 'bulk')).not.toContain('Sent ');
});
