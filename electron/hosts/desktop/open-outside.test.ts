import { expect, test, vi } from 'vitest';
import { isOutsidePage, openOutside } from './open-outside.ts';

const opened = vi.hoisted(() => [] as string[]);
vi.mock('electron', () => ({ shell: { openExternal: (url: string) => Promise.resolve(void opened.push(url)) } }));

test.each([
  'https://login.salesforce.com/authorize?x=1',
  'http://127.0.0.1:8123/',
  'http://localhost:1/',
  'http://[::1]:2/',
])('%s is opened', async (url) => {
  expect(isOutsidePage(url)).toBe(true);
  await openOutside(url);
  expect(opened.at(-1)).toBe(url);
});

test.each([
  'http://login.example/',
  'file:///etc/passwd',
  'smb://server/share',
  'ms-msdt:/id',
  'javascript:alert(1)',
  'longshore://app/',
  'https://user:password@login.example/',
  'http://127.0.0.1.example/',
  'C:\\Windows\\System32\\calc.exe',
  '',
])('%j is not', async (url) => {
  opened.length = 0;
  expect(isOutsidePage(url)).toBe(false);
  await expect(openOutside(url)).rejects.toThrow('no page of the web');
  expect(opened).toEqual([]);
});
