import { expect, test } from 'vitest';
import { failureText } from './failure-text.ts';

test.each(['STAGING_OUT_OF_MEMORY', 'STAGING_STOPPED'] as const)(
  '%s speaks of a paused load only where one is paused',
  (code) => {
    expect(failureText({ code }).saved).toBe('No record in Salesforce was changed by this.');
    expect(failureText({ code, paused: true }).saved).toMatch(/^The load is paused\./);
  },
);
