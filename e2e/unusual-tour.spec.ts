import { expect } from '@playwright/test';
import { allow, TAKES_PICTURES } from './support/actions.ts';
import { example, heading, region, toChecks, toPlan, walk } from './support/walk.ts';

/** The org's front page is on its admin port. */
async function adminOf(org: string): Promise<string> {
  return (await fetch(org, { redirect: 'manual' })).headers.get('location') ?? '';
}

/** Changes a record as another client of the org would. */
async function renameInOrg(org: string, key: string, Name: string): Promise<void> {
  const given = await fetch(new URL('/access-token', await adminOf(org)), { method: 'POST', body: '{}' });
  const { accessToken } = (await given.json()) as { accessToken: string };
  const changed = await fetch(`${org}/services/data/v66.0/sobjects/Account/ERP_Id__c/${key}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ Name }),
  });
  if (!changed.ok) throw new Error(await changed.text());
}

walk('tour: plans and loads that are not as usual', 0, async (going) => {
  const { app, page, see, click, drop } = going;
  await click('Use the practice org');
  const signIn = await app.signInPage();
  const org = new URL(signIn.url()).origin;
  await allow(signIn);
  await app.limitApi(60);
  await app.drop([example('contacts.csv')]);
  await toPlan(going);
  await click(/^Forecast/);
  await see('plan-over-budget');
  await app.limitApi(100_000);

  await drop('renamed.csv', 'ERP Id,Account Name,Phone\nERP-100001,Renamed One,#N/A\nERP-100002,Renamed Two,+1\n');
  await toPlan(going);
  await see('plan-cleared');
  for (const key of ['ERP-100001', 'ERP-100002']) await renameInOrg(org, key, 'Renamed meanwhile');
  await click('Load 2 changes');
  await expect(region(page, 'What changed in the org')).toBeVisible();
  await see('plan-moved-rows');

  const circle = 'Berth Name,Berth Code,Neighbour__r.Berth_Code__c\nOne,CIR-1,CIR-2\nTwo,CIR-2,CIR-1\nThree,CIR-3,\n';
  await drop('circle.csv', circle);
  await toPlan(going);
  await see('plan-second-step');
  await app.faults([
    { method: 'PATCH', path: '/jobs/ingest', nth: 3, action: { kind: 'fail-job', message: 'Stopped' } },
  ]);
  await click('Load 3 changes');
  await heading(page, 'Every row, once');
  await see('report-incomplete');
  await see('report-retry', { at: region(page, 'Lookups to set') });
  await click('Longshore home');
  await see('home-incomplete');
  const failing = Array.from({ length: 30 }, (_, n) => `W-${n},ERP-100001,${n % 3 === 0 ? -1 : 5}`);
  await drop('weights.csv', `Tracking Code,Account.ERP_Id__c,Weight\n${failing.join('\n')}\n`);
  await toPlan(going);
  await click('Load 30 changes');
  await heading(page, 'Every row, once');
  await see('report-failures');

  const success = await app.saveFile(() => page.getByRole('button', { name: /^Success/ }).click());
  const id = /\n"?(a0\w{16})/.exec(success)?.[1] ?? '';
  await drop('to-delete.csv', `Id\n${id}\n`);
  await toChecks(going, 'delete');
  await see('checks-delete');
  await click('Try a sample');
  await expect(region(page, /^Try rows/).getByText(/that you tried/)).toBeVisible();
  await see('checks-delete-rehearsal', { at: region(page, /^Try rows/) });
  await click(/^Compare/);
  await click('Count related records');
  await expect(page.getByText(/would be deleted too|No related records/)).toBeVisible();
  await see('plan-delete');
  // Its own page, which `docs/practice-org.md` shows.
  await page.setViewportSize({ width: 1360, height: 860 });
  await page.goto(await adminOf(org));
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  if (TAKES_PICTURES) await page.screenshot({ path: 'test-results/tour/practice-org.png' });
});
