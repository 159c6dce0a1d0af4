import { expect, test } from 'vitest';
import { Incidents } from './incidents.ts';

test('the last incident can be reported with what it happened on, and nothing of a person', () => {
  let changes = 0;
  const incidents = new Incidents(() => changes++);
  incidents.note({ code: 'PLAN_EMPTY' });
  expect([incidents.details('1.2.3'), changes]).toEqual(['', 0]);
  incidents.note({ code: 'BUG', incidentId: 'aaaa1111', log: '' });
  incidents.note({ code: 'BUG', incidentId: 'bbbb2222', log: '~/data/longshore.log' });
  const lines = incidents.details('1.2.3').split('\n');
  expect(lines[0]).toMatch(/^Longshore 1\.2\.3 \(\w+ \w+ \S+, Electron none\)$/);
  expect(lines.slice(1)).toEqual(['Incident bbbb2222', 'Log ~/data/longshore.log']);
  expect(changes).toBe(2);
});
