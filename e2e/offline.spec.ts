import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { expectAccessible, takePicture } from './support/actions.ts';
import { startBrowserHost } from './support/browser-host.ts';

/** The backend is out of reach, and back: the window says so, keeps what was typed, and goes on. */

const accounts = fileURLToPath(new URL('../examples/accounts.csv', import.meta.url));
/** From an event to what the window says of it, in milliseconds: "at once", on a busy machine. */
const AT_ONCE = { timeout: 3000 };

test('a connection that is lost and comes back, and a host that is killed and started again', async ({ browser }) => {
  const app = await startBrowserHost(browser);
  const { page } = app;
  const said = page.locator('.reach');
  const search = page.getByLabel('Search in all columns');
  const row = page.getByRole('row', { name: /Blue Heron/ });
  await app.drop([accounts]);
  await expect(page.getByText('5,000 rows, 21 columns')).toBeVisible();

  // What is open stays open then: the next call finds that there is no way.
  await page.context().setOffline(true);
  await search.fill('Blue Heron Media');
  await expect(said).toContainText('Longshore is not responding.', AT_ONCE);
  await takePicture(page, 'offline-source');
  await page.context().setOffline(false);
  await expect(said).toContainText('Longshore is responding again.', AT_ONCE);
  await expect(row.first()).toBeVisible();
  await expect(search).toHaveValue('Blue Heron Media');
  await expect(said).toHaveText('', { timeout: 15_000 });

  await app.kill();
  await expect(said).toContainText('Longshore is not responding.', AT_ONCE);
  await search.fill('Blue Heron');
  const address = await app.startAgain();
  await expect(said).toContainText('restarted');
  await takePicture(page, 'offline-started-again');
  // Nothing but what stands behind the # differs: the page stays.
  await page.goto(address);
  await expect(said).toContainText('Longshore is responding again.');
  await expect(row.nth(1)).toBeVisible();
  await expect(search).toHaveValue('Blue Heron');

  // A tab that is loaded anew after another start knows no ticket, and takes one as well.
  await app.kill();
  const next = await app.startAgain();
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('This window lost its connection to Longshore.');
  await expectAccessible(page, 'offline-no-ticket');
  await page.goto(next);
  await expect(page.getByRole('heading', { name: 'Recent files' })).toBeVisible();
  await app.close();
});
