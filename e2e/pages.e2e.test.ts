import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataDir, type TestDataDir } from '@headrace/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBarriers, type Look, openBrowser, openPage } from './browser.ts';
import {
  activateCustomers,
  createCustomers,
  finishedBatch,
  type RunningServer,
  readContacts,
  readSample,
  startEmulator,
  startServer,
  until,
  uploadCustomers,
} from './headrace.ts';

/** Where to leave pictures of what the tests saw; none are taken without it. */
const pictures = process.env.HEADRACE_TEST_PICTURES;

const desktop: Look = { width: 1280, height: 800, colorScheme: 'light' };
const phone = { width: 390, height: 844 };
const looks: readonly (readonly [string, Look])[] = [
  ['desktop-light', desktop],
  ['desktop-dark', { ...desktop, colorScheme: 'dark' }],
  ['phone-light', { ...desktop, ...phone }],
  ['phone-dark', { ...phone, colorScheme: 'dark' }],
];
/** Fits a first name of Salesforce, 40 characters. */
const hostileName = '<img src=x onerror=alert(1)>';

let dirs: readonly [TestDataDir, TestDataDir, TestDataDir];
let org: Awaited<ReturnType<typeof startEmulator>>;
let server: RunningServer;
let browser: Browser;
/** Records that delivery wrote or tried to. */
let sent: number;

type Dataflow = { counts: { activated: number; failed: number; pending: number } };

beforeAll(async () => {
  dirs = [await makeDataDir(), await makeDataDir(), await makeDataDir()];
  const [dataDir, orgDir, browserDir] = dirs;
  [org, server, browser] = await Promise.all([
    startEmulator(orgDir.path),
    startServer(dataDir.path),
    openBrowser(browserDir.path),
  ]);
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
  const datasetId = await createCustomers(server);
  const rows = (await readSample()).toString().split('\n').slice(0, 301);
  const { batch_id } = await uploadCustomers(server, datasetId, Buffer.from(`${rows.join('\n')}\n`));
  await finishedBatch(server, batch_id);
  const { dataflowId } = await activateCustomers(server, org.url, 'person.name.lastName.isNotNull()');
  const readCounts = async () => (await server.api<Dataflow>('GET', `/dataflows/${dataflowId}`)).counts;
  await until(readCounts, ({ activated, pending }) => activated > 0 && pending === 0);
  await server.api('POST', `/datasets/${datasetId}/records`, {
    personID: 'HOSTILE',
    person: { name: { firstName: hostileName, lastName: 'Doe' } },
    personalEmail: { address: 'hostile@example.org' },
  });
  await until(
    () => readContacts(org.url, ['FirstName']),
    (contacts) => contacts.some(({ FirstName }) => FirstName === hostileName),
    10_000,
  );
  const { activated, failed } = await until(readCounts, ({ pending }) => pending === 0);
  sent = activated + failed;
});
afterAll(async () => {
  await browser.close();
  await server.process.stop();
  await org.process.stop();
  await Promise.all(dirs.map((dir) => dir.remove()));
});

/** Leaves a picture where one was asked for. */
const picture = async (page: Page, name: string): Promise<void> => {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
};

/** The number of the latest call that wrote Contacts. */
const firstWrite = async (): Promise<number> => {
  const answer = await fetch(`${org.url}/emulator/journal?method=PATCH&limit=1`);
  const { entries } = (await answer.json()) as { entries: readonly { sequence: number }[] };
  return entries[0]?.sequence ?? 0;
};

const bodyRows = (page: Page) => page.locator('tbody tr');
/** Of each row on a list: the address of its record. */
const recordLinks = (page: Page) =>
  page
    .locator('tbody tr td:first-child a')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')));

test.each(looks)('no page has errors, barriers or anything from elsewhere: %s', async (name, look) => {
  const [contact] = await readContacts(org.url, ['Name']);
  const { page, problems } = await openPage(browser, org.url, look);
  const barriers: string[] = [];
  const pages = {
    contacts: '/',
    'page-2': '/?page=2',
    nothing: '/?q=nobody+at+all',
    record: `/record/${contact?.Id}`,
    leads: '/list/Lead',
    accounts: '/list/Account',
    campaigns: '/list/Campaign',
    calls: '/journal',
    'calls-of-a-kind': '/journal?method=PATCH&path=%2Fservices%2Fdata',
    call: `/journal/${await firstWrite()}`,
  };
  for (const [title, path] of Object.entries(pages)) {
    expect((await page.goto(org.url + path))?.status()).toBe(200);
    barriers.push(...(await findBarriers(page)));
    await picture(page, `emulator-${title}-${name}`);
  }
  await page.close();

  const home = await openPage(browser, server.url, look);
  expect((await home.page.goto(server.url))?.status()).toBe(200);
  barriers.push(...(await findBarriers(home.page)));
  await picture(home.page, `home-${name}`);
  await home.page.close();
  expect(barriers).toEqual([]);
  expect([...problems, ...home.problems]).toEqual([]);
});

test('Contacts can be paged through, searched and opened; the calls that wrote them are listed', async () => {
  const contacts = await readContacts(org.url, ['Name', 'Email', 'MailingCity', 'LastName']);
  const { page, problems } = await openPage(browser, org.url, desktop);
  await page.goto(org.url);
  const shown = page.getByText(`${contacts.length} Contacts, newest first`);
  await shown.waitFor();

  const seen: (string | null)[] = [];
  for (;;) {
    seen.push(...(await recordLinks(page)));
    const older = page.getByRole('link', { name: 'Older' });
    if ((await older.count()) === 0) break;
    await older.click();
  }
  expect(seen).toEqual(contacts.map(({ Id }) => `/record/${Id}`).toReversed());
  const pages = Math.ceil(contacts.length / 50);
  expect(pages).toBeGreaterThan(2);
  await page.getByText(`Page ${pages} of ${pages}`).waitFor();
  await page.goto(`${org.url}/?page=99`);
  await page.getByText(`Page ${pages} of ${pages}`).waitFor();
  expect(await bodyRows(page).count()).toBe(contacts.length - (pages - 1) * 50);

  const wanted = contacts.find(({ MailingCity }) => MailingCity !== null);
  await page.getByRole('searchbox').fill(String(wanted?.Email).toUpperCase());
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('1 Contact found').waitFor();
  expect(await bodyRows(page).count()).toBe(1);
  await bodyRows(page).getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: String(wanted?.Name) }).waitFor();
  for (const field of ['Email', 'MailingCity', 'LastName'] as const) {
    const row = bodyRows(page).filter({ has: page.getByText(field, { exact: true }) });
    expect(await row.locator('td').allTextContents()).toContain(wanted?.[field]);
  }

  await page.goto(`${org.url}/?q=${encodeURIComponent('%')}`);
  await page.getByText('Nothing matches the search.').waitFor();
  await page.getByRole('searchbox').fill(hostileName);
  await page.keyboard.press('Enter');
  await page.getByText('1 Contact found').waitFor();
  await page.getByRole('link', { name: `${hostileName} Doe` }).click();
  await page.getByRole('heading', { level: 1, name: `${hostileName} Doe` }).waitFor();
  expect(await page.locator('img').count()).toBe(0);

  const history = page.locator('h2:text-is("History") + .card tbody tr');
  expect(await history.getByText('Created').count()).toBe(1);
  await history.getByRole('link').last().click();
  await page.getByRole('heading', { level: 1, name: /PATCH .*\/composite\/sobjects\/Contact/ }).waitFor();
  await page.getByRole('link', { name: `${hostileName} Doe` }).waitFor();

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Calls' }).click();
  const writes = bodyRows(page).filter({ hasText: /PATCH.*\/composite\/sobjects\/Contact/ });
  const written = (await writes.locator('td[data-label=Records]').allTextContents()).map(Number);
  expect(written.reduce((sum, records) => sum + records, 0)).toBe(sent);
  expect(problems).toEqual([]);
  await page.close();
});

test("the server's page leads to what it names", async () => {
  const { page, problems } = await openPage(browser, server.url, desktop);
  await page.goto(server.url);
  await page.getByRole('heading', { level: 1, name: 'Headrace' }).waitFor();
  const addresses = await page
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  expect(addresses).toEqual(['/openapi.json', '/health/ready']);
  for (const address of addresses) {
    const answer = await page.goto(`${server.url}${address}`);
    expect(answer?.status()).toBe(200);
    expect(answer?.headers()['content-type']).toMatch(/^application\/json/);
  }
  expect(problems).toEqual([]);
  await page.close();
});
