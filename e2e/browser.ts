import { access, constants } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian and its relatives install it. */
const systemChromium = '/usr/bin/chromium';

/** Ours alone: the defaults of the npm build switch off the security of the web. */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts Chromium, with a profile of its own: the system's where installed, else the one from npm.
 * @param folder where the one from npm is unpacked, under fixed names.
 * @param installed path of the system's.
 * @throws Error when there is none: browser tests are never skipped.
 */
export async function openBrowser(folder: string, installed = systemChromium): Promise<Browser> {
  const { executablePath, env } = (await isProgram(installed))
    ? { executablePath: installed, env: process.env }
    : await unpackChromium(folder);
  return chromium.launch({ executablePath, args: flags, env: definedOnly(env) });
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** It reads the environment when imported and changes it: what it sets is for the browser alone. */
async function unpackChromium(folder: string) {
  const before = { ...process.env };
  try {
    // Makes it bring the libraries that a bare Linux lacks.
    Object.assign(process.env, { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' });
    const { default: packed } = await import('@sparticuz/chromium');
    const executablePath = await packed.executablePath();
    return { executablePath, env: { ...process.env } };
  } catch (cause) {
    throw new Error(
      `The browser tests need Chromium. Install it as ${systemChromium} (apt-get install chromium), or, on Linux x64, run npm ci so that @sparticuz/chromium is there.`,
      { cause },
    );
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

const definedOnly = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** How a person may look at a page. */
export type Look = {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
};

/** A page, and what went wrong on it so far: messages of errors and requests that left its origin. */
export type WatchedPage = { readonly page: Page; readonly problems: readonly string[] };

/** Opens an empty page that may ask one origin only. */
export async function openPage(browser: Browser, origin: string, look: Look): Promise<WatchedPage> {
  const { width, height, colorScheme } = look;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => {
    problems.push(`A dialog opened: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on('requestfailed', (request) => problems.push(`${request.url()}: ${request.failure()?.errorText}`));
  await page.route(
    (url) => url.origin !== origin,
    async (route) => {
      problems.push(`Asked another origin: ${route.request().url()}`);
      await route.abort();
    },
  );
  return { page, problems };
}

/** What a person who listens, zooms or sees little would miss on a page; empty when nothing is found. */
export async function findBarriers(page: Page): Promise<string[]> {
  const barriers: string[] = [];
  const expectOf = (isGood: boolean, barrier: string) => {
    if (!isGood) barriers.push(`${page.url()}: ${barrier}`);
  };
  expectOf((await page.title()).trim() !== '', 'no title');
  expectOf((await page.locator('html').getAttribute('lang')) === 'en', 'no language');
  expectOf((await page.getByRole('heading', { level: 1 }).count()) === 1, 'not exactly one h1');
  expectOf((await page.getByRole('main').count()) === 1, 'not exactly one main');
  for (const table of await page.locator('table').all())
    expectOf((await table.locator('th[scope]').count()) > 0, 'a table without headers');
  const unnamed = 'input:not([aria-label], [aria-labelledby], [type=hidden])';
  expectOf((await page.locator(unnamed).count()) === 0, 'an input without a label');
  const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  expectOf(overflow <= 0, `scrolls sideways by ${overflow} px`);
  for (const text of await page.evaluate<string[]>(findFaintText))
    expectOf(false, `faint: ${JSON.stringify(text)}`);
  return barriers;
}

/**
 * Texts on a page whose colour is too near to their background: a contrast below 4.5 to 1, as WCAG 2.2 (1.4.3, AA)
 * asks of text of usual size. Runs in the page.
 */
const findFaintText = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const backgroundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const [red, green, blue, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
      if (alpha === 1 && red !== undefined) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const luminance = (color) => {
    const [red, green, blue] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (data.trim() === '' || !parentElement.checkVisibility()) continue;
    const ink = luminance(parse(getComputedStyle(parentElement).color).slice(0, 3));
    const paper = luminance(backgroundOf(parentElement));
    if ((Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < 4.5) faint.add(data.trim());
  }
  return [...faint];
})()`;
