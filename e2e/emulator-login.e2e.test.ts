import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { makeDataDir, type TestDataDir } from '@headrace/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBarriers, type Look, openBrowser, openPage } from './browser.ts';
import { startEmulator } from './headrace.ts';

/** Where to leave pictures of what the tests saw; none are taken without it. */
const pictures = process.env.HEADRACE_TEST_PICTURES;

const looks: readonly (readonly [string, Look])[] = [
  ['desktop-light', { width: 1280, height: 800, colorScheme: 'light' }],
  ['phone-dark', { width: 390, height: 844, colorScheme: 'dark' }],
];

let dirs: readonly [TestDataDir, TestDataDir];
let app: Server;
let callback: string;
let org: Awaited<ReturnType<typeof startEmulator>>;
let browser: Browser;

beforeAll(async () => {
  dirs = [await makeDataDir(), await makeDataDir()];
  const [orgDir, browserDir] = dirs;
  app = createServer((_request, response) => response.end('<title>App</title>Welcome back'));
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const address = app.address();
  callback = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/callback`;
  const definition = join(orgDir.path, 'org.json');
  await writeFile(
    definition,
    JSON.stringify({
      users: [{ username: 'me@example.com', password: 'secret' }],
      connectedApps: [
        { name: 'My <b>app</b>', clientId: 'app', clientSecret: 's', callbackUrls: [callback] },
      ],
    }),
  );
  [org, browser] = await Promise.all([
    startEmulator(join(orgDir.path, 'data'), 0, definition),
    openBrowser(browserDir.path),
  ]);
  if (pictures !== undefined) await mkdir(pictures, { recursive: true });
});
afterAll(async () => {
  await browser.close();
  await org.process.stop();
  await new Promise((resolve) => app.close(resolve));
  await Promise.all(dirs.map((dir) => dir.remove()));
});

const picture = async (page: Page, name: string): Promise<void> => {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
};

const authorizePath = () =>
  `/services/oauth2/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'app',
    redirect_uri: callback,
    scope: 'api refresh_token',
    state: 'x',
    prompt: 'consent',
  })}`;

test.each(looks)('a person logs in, allows access and is sent back: %s', async (name, look) => {
  const { page, problems } = await openPage(browser, org.url, look);
  await page.goto(org.url + authorizePath());
  await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor();
  const barriers = await findBarriers(page);
  await picture(page, `emulator-login-${name}`);
  await page.getByLabel('Username').fill('me@example.com');
  await page.getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  expect(await page.getByLabel('Username').inputValue()).toBe('me@example.com');
  barriers.push(...(await findBarriers(page)));
  await picture(page, `emulator-login-wrong-${name}`);
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Allow access?' }).waitFor();
  await page.getByText('My <b>app</b>').waitFor();
  barriers.push(...(await findBarriers(page)));
  await picture(page, `emulator-approve-${name}`);
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('Welcome back').waitFor();
  const back = new URL(page.url());
  expect(back.origin + back.pathname).toBe(callback);
  expect(back.searchParams.get('code')).toMatch(/^aPrx/);
  expect(back.searchParams.get('state')).toBe('x');
  expect(barriers).toEqual([]);
  expect(problems).toEqual([]);
  await page.close();
});

test('a person who denies is sent back without a code', async () => {
  const [, look] = looks[0] ?? [];
  if (look === undefined) throw new Error('There is no look.');
  const { page, problems } = await openPage(browser, org.url, look);
  await page.goto(org.url + authorizePath());
  await page.getByLabel('Username').fill('me@example.com');
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.getByText('Welcome back').waitFor();
  expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
  expect(problems).toEqual([]);
  await page.close();
});
