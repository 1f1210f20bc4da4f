import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

const attack = `"><img src=x onerror=alert(1)>'`;

test('what stands in records, calls and searches is text on the pages, and no script may run', async () => {
  await using org = await startOrg();
  const { call, rest } = await connect(org);
  const { id } = (await rest('POST', '/sobjects/Contact', { LastName: attack, Description: attack })).body;
  await rest('PATCH', `/sobjects/Contact/${id}`, { LastName: `${attack}2` });
  await call('GET', `/services/data/v67.0/limits?x=${encodeURIComponent(attack)}`, undefined, {
    'user-agent': attack,
    'sforce-call-options': `client=${attack}`,
  });
  const [latest] = org.journal({ limit: 1 });
  for (const path of [
    '/',
    `/?q=${encodeURIComponent(attack)}`,
    '/list/Contact',
    `/record/${id}`,
    '/journal',
    `/journal?path=${encodeURIComponent(attack)}&method=${encodeURIComponent(attack)}`,
    `/journal/${latest?.sequence}`,
  ]) {
    const page = await call('GET', path);
    expect(page.status, path).toBe(200);
    expect(page.body, path).not.toContain('<img');
    expect(page.headers.get('content-security-policy'), path).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
  }
});

test('a search shows its matches page by page with their count', async () => {
  await using org = await startOrg();
  const { call, rest } = await connect(org);
  const records = Array.from({ length: 60 }, (_, index) => ({
    attributes: { type: 'Contact' },
    LastName: index % 10 === 0 ? `Other ${index}` : `Wanted ${index}`,
  }));
  await rest('POST', '/composite/sobjects', { records });
  const page = async (number: number): Promise<string> =>
    (await call('GET', `/list/Contact?q=wanted&page=${number}`)).body;
  expect(await page(1)).toContain('54 Contacts found');
  expect((await page(1)).match(/Wanted \d/g)?.length).toBeGreaterThanOrEqual(50);
  expect(await page(2)).toContain('Page 2 of 2');
  expect(await page(9)).toContain('Page 2 of 2');
  expect((await call('GET', '/list/Contact?q=nobody')).body).toContain('Nothing matches');
});
