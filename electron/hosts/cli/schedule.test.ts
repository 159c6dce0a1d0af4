import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scheduleText } from '../../../shared/text/schedule-text.ts';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';
import { readSchedule, type SetScheduleFlags } from './schedule-commands.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

const read = (flags: Omit<SetScheduleFlags, 'job'>) => readSchedule({ job: 'Nightly', ...flags }, 'Europe/Berlin');

test.each<[Omit<SetScheduleFlags, 'job'>, object, string]>([
  [{ nightly: '02:30' }, { kind: 'nightly', at: '02:30', zone: 'Europe/Berlin' }, 'Each day at 02:30 (Europe/Berlin)'],
  [
    { hourly: '5', zone: 'UTC', missed: 'skip' },
    { kind: 'hourly', minute: 5, zone: 'UTC', missed: 'skip' },
    'Each hour at :05 (UTC); missed times are skipped',
  ],
  [
    { weekly: 'Mon,thu', at: '06:00', blackOut: ['22:00-04:00,sat,SUN'] },
    { kind: 'weekly', on: ['mon', 'thu'], blackOuts: [{ from: '22:00', to: '04:00', on: ['sat', 'sun'] }] },
    'Each Monday, Thursday at 06:00 (Europe/Berlin); not 22:00–04:00 from Saturday, Sunday',
  ],
  [
    { watch: true, settle: '30', move: true, blackOut: ['08:00-09:00'] },
    { kind: 'watch', settleSeconds: 30, move: true, zone: 'Europe/Berlin' },
    'When its files arrive or change; they are moved to “done” or “failed” (Europe/Berlin); not 08:00–09:00',
  ],
  [{ after: 'Parents' }, { kind: 'after', job: 'Parents' }, 'After each successful run of “Parents”'],
])('flags %j are a schedule, told in words', (flags, schedule, words) => {
  expect(read(flags)).toMatchObject(schedule);
  expect(scheduleText(read(flags))).toBe(words);
});

test.each<[Omit<SetScheduleFlags, 'job'>, RegExp]>([
  [{}, /Give one of/],
  [{ nightly: '02:30', cron: '* * * * *' }, /Give one of/],
  [{ nightly: '2:30' }, /02:30/],
  [{ hourly: '60' }, /0 to 59/],
  [{ weekly: 'mon' }, /hours and minutes/],
  [{ weekly: 'monday', at: '02:00' }, /--weekly takes days/],
  [{ cron: '0 0 0 * * *' }, /five fields/],
  [{ nightly: '02:30', zone: 'Berlin' }, /Europe\/Berlin/],
  [{ nightly: '02:30', blackOut: ['22:00'] }, /--black-out takes/],
  [{ nightly: '02:30', at: '03:00' }, /--at needs/],
  [{ watch: true, missed: 'skip' }, /--missed/],
  [{ after: 'X', move: true }, /--watch/],
  [{ watch: true, settle: 'soon' }, /seconds/],
])('flags %j are refused with what they lack', (flags, message) => {
  expect(() => read(flags)).toThrow(message);
});

test('a job that watches its file is due once that has arrived; it is shown, exported with its schedule, and ended', async () => {
  await writeFile(join(world.folder, 'berths.csv'), 'Name,Berth_Code__c\nQuay 1,Q-1\n');
  await world.run(['job', 'save', 'Quays', '-f', 'berths.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c']);
  const set = await world.run(['job', 'schedule', 'set', 'Quays', '--watch', '--settle', '1', '--move']);
  expect(set.code, set.stderr).toBe(0);
  const [ran, other] = await Promise.all([world.run(['job', 'due']), world.run(['job', 'due'])]);
  expect([ran.code, other.code]).toEqual([0, 0]);
  // One of the two ran it.
  expect([ran.stdout, other.stdout].sort()).toEqual(['Job “Quays”: Loaded\n', 'Nothing is due.\n']);
  expect(await readdir(join(world.folder, 'done'))).toEqual(['berths.csv']);
  expect((await world.run(['job', 'history', 'Quays'])).stdout).toContain('Loaded, by its schedule');
  expect((await world.run(['job', 'list'])).stdout).toContain('When its files arrive or change');
  const yaml = await world.run(['job', 'export', 'Quays', '--output-file', 'quays.yaml']);
  expect(yaml.code).toBe(0);
  expect((await world.run(['job', 'clone', 'Quays', 'Copy'])).stdout).toContain('is paused');
  expect((await world.run(['job', 'schedule', 'off', 'Quays'])).code).toBe(0);
  // What a file says is what the job is.
  expect((await world.run(['job', 'import', 'quays.yaml', '--replace'])).code).toBe(0);
  expect((await world.run(['job', 'show', 'Quays'])).stdout).toContain('When its files arrive or change');
}, 120_000);
