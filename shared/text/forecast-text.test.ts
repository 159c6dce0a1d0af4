import { expect, test } from 'vitest';
import type { LoadForecast } from '../domain/load-forecast.ts';
import { batchesOf, storageOf } from '../domain/load-forecast.ts';
import { storageText } from './bytes-text.ts';
import { forecastLines, forecastText } from './forecast-text.ts';

const FORECAST: LoadForecast = {
  apiCalls: { least: 11, most: null },
  batches: { least: 2, most: 3 },
  storageMB: 40,
  changeEvents: 20_480,
  seconds: null,
  left: {
    apiCalls: { max: 15_000, remaining: 14_000 },
    batches: { max: 15_000, remaining: 2 },
    storageMB: { max: 1024, remaining: 512 },
  },
};

test.each([
  [0, '0 KB'],
  [0.001, '2 KB'],
  [0.5, '512 KB'],
  [1.25, '1.3 MB'],
  [40, '40 MB'],
  [3072, '3 GB'],
])('%d MB is %s', (megabytes, text) => expect(storageText(megabytes)).toBe(text));

test.each([
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [10_000, 1, 1, 1],
  [10_001, 1, 2, 2],
  [20_000, 3, 2, 4],
])('%i rows in %i jobs are %i to %i batches', (rows, jobs, least, most) =>
  expect(batchesOf(rows, jobs)).toEqual({ least, most }),
);

test.each([
  ['Account', false, 2],
  ['Account', true, 4],
  ['Shipment__c', false, 2],
  ['Campaign', false, 8],
  ['CampaignMember', false, 1],
] as const)('a thousand and twenty-four %s records (person accounts: %s) take %i MB', (name, persons, megabytes) =>
  expect(storageOf(name, 1024, persons)).toBe(megabytes),
);

test('each line says what is needed and left, and which is too much', () => {
  const lines = forecastLines(FORECAST);
  expect(lines.map(({ what, needs, left }) => [what, needs, left])).toEqual([
    ['API calls', '11 or more', '14,000'],
    ['Bulk API batches', '2 to 3', '2'],
    ['Data storage', '40 MB', '512 MB'],
    ['Change events', 'up to 20,480, if Change Data Capture is on', null],
    ['Time', 'unknown until a load into this org has finished', null],
  ]);
  expect(lines.filter(({ over }) => over).map(({ what }) => what)).toEqual(['Bulk API batches']);
});

test('a known pace gives a time and the most calls; what an org does not tell is never too much', () => {
  const told = forecastLines({
    ...FORECAST,
    apiCalls: { least: 11, most: 30 },
    seconds: { least: 20.5, most: 200 },
    left: { apiCalls: null, batches: null, storageMB: null },
  });
  expect(told.map(({ needs }) => needs)).toEqual([
    '11 to 30',
    '2 to 3',
    '40 MB',
    'up to 20,480, if Change Data Capture is on',
    '21 s to 3 min',
  ]);
  expect(told.some(({ over }) => over)).toBe(false);
});

test('in one line for a terminal, with what is over', () =>
  expect(forecastText(FORECAST)).toBe(
    '11 or more API calls, 3 batches, 40 MB of storage. More than the org has left: Bulk API batches (2 left)',
  ));
