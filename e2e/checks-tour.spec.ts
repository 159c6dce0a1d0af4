import { expect } from '@playwright/test';
import { usePracticeOrg } from './support/actions.ts';
import { heading, region, toChecks, walk } from './support/walk.ts';

walk('tour: what the checks ask and answer', 0, async (going) => {
  const { app, page, see, click, drop } = going;
  await usePracticeOrg(app);
  const fixes = ['Roadd,1,12.3456', 'Ral,2,5', 'Seaa,-3,5', 'Tram,4,5', 'Air,heavy,5', 'Road,6,7'];
  const shipments = fixes.map((row, n) => `F-${n},ERP-100001,${row}`).join('\n');
  await drop('fixes.csv', `Tracking Code,Account.ERP_Id__c,Carrier,Weight,Declared Value\n${shipments}\n`);
  await toChecks(going);
  await see('checks-problems');
  await page.getByText('More decimals than the field shows').click();
  await click('Accept all 3 suggestions');
  await heading(page, '2 rows of 6 need a fix');
  await see('checks-fixed');
  await page.getByText(/^Only problem rows/).click();
  await expect(region(page, 'Rows with problems').getByText('“heavy” is not a number.')).toBeVisible();
  await see('checks-rows');
  await page.getByText('Problems', { exact: true }).click();
  await click('Try a sample');
  await expect(page.getByText('the org would accept')).toBeVisible();
  await see('checks-rehearsal', { at: region(page, /^Try rows/) });

  const line = 'S-1,ERP-100001,"1,250",03/04/2026\nS-2,ERP-100002,"3,125",05/04/2026\n';
  await drop('values.csv', `Tracking Code,Account.ERP_Id__c,Declared Value,Arrives On\n${line}`);
  await toChecks(going);
  await see('checks-format');

  const accounts = 'A,erp-100001,\nB,TAKEN-1,\nC,taken-1,\nGranite Furniture Partner,TAKEN-2,31401\n';
  await drop('accounts.csv', `Account Name,ERP_Id__c,BillingPostalCode\n${accounts}`);
  await toChecks(going, 'insert');
  await see('checks-unasked');
  await click('Look for used values');
  await expect(page.getByText(/with a value that is taken/)).toBeVisible();
  await click('Ask the duplicate rules');
  await expect(page.getByText(/with a record like it/)).toBeVisible();
  await see('checks-taken-and-rules', { at: region(page, 'Values that must be unique') });

  const people = ['One,Nowhere Ltd,', 'Two,Nowhere Ltd,', 'Three,Nobody Inc,', 'Four,,003000000000999AAA', 'Five,,'];
  await drop('people.csv', `Last Name,Account Name,Reports To ID\n${people.join('\n')}\n`);
  await click('Map 3 columns');
  await see('mapping-offers');
  await click('Fill Account ID: find Account by Name');
  await expect(page.getByText(/^0 of 2 values find/)).toBeVisible();
  await see('mapping-lookup');
  await click(/See the checks/);
  await click('Look them up');
  await heading(page, '4 rows of 5 need a fix');
  await see('checks-look-ups');

  const cases = ['T-1,Crane,Complaint', 'T-2,Gate,Question', 'T-3,Gate,Nonsense'];
  await drop('cases.csv', `Ticket Key,Subject,Type\n${cases.join('\n')}\n`);
  await toChecks(going);
  await see('checks-picklists');
});
