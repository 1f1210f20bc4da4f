import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { sendRaw } from '../testing/raw-request.ts';

test('pages and orders are only for the names of this machine, not for one made to lead to it', async () => {
  await using org = await startOrg();
  const ask = async (host: string, path = '/emulator/health') => {
    const named = ['host', host.replace('PORT', String(org.port))] as const;
    return (await sendRaw(org.url, 'GET', path, [named])).status;
  };
  for (const host of ['127.0.0.1:PORT', 'localhost:PORT', '[::1]:PORT', 'emulator:PORT', 'org.emulator.test'])
    expect(await ask(host), host).toBe(200);
  for (const path of ['/', '/journal', '/list/Contact', '/emulator/health', '/emulator/journal'])
    expect(await ask('rebound.example.com:PORT', path), path).toBe(403);
  // Salesforce's own API is open to whoever signs in, under any name.
  expect(await ask('acme.my.salesforce.com', '/services/data')).toBe(200);
});
