import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { guardedConnector } from './guarded-connector.ts';

let server: Server;
let port: number;
let connections = 0;
beforeEach(async () => {
  connections = 0;
  server = createServer((_request, response) => response.end('reached')).on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** What a request to a host comes to. @param answers of the resolver, one a look-up, the last one again and again */
async function ask(host: string, allowLoopback: boolean, ...answers: readonly (readonly string[])[]) {
  let lookups = 0;
  const connect = guardedConnector({ allowLoopback, timeoutMs: 2_000 }, (_name, _how, callback) => {
    const found = answers[Math.min(lookups++, answers.length - 1)] ?? [];
    callback(
      null,
      found.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  });
  const client = new Client(`http://${host}:${port}`, { connect, headersTimeout: 2_000 });
  try {
    const { body } = await client.request({ path: '/', method: 'GET' });
    return await body.text();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  } finally {
    await client.destroy();
  }
}

test.each([
  ['10.0.0.1'],
  ['169.254.169.254'],
  ['127.0.0.1'],
  ['::ffff:127.0.0.1'],
  // One address of several is enough: which of them is connected to is not ours to say.
  ['93.184.216.34', '127.0.0.1'],
  [],
])('a name that resolves to %s is not connected to', async (...addresses) => {
  expect(await ask('hooks.example.com', false, addresses)).toBe('ADDRESS_REFUSED');
  expect(connections).toBe(0);
});

test.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254'])(
  'nor is the address %s in place of a name',
  async (host) => {
    expect(await ask(host, false)).toBe('ADDRESS_REFUSED');
    expect(connections).toBe(0);
  },
);

test('the address that was looked at is the one connected to: a name is looked up once', async () => {
  expect(await ask('hooks.example.com', true, ['127.0.0.1'], ['10.0.0.1'])).toBe('reached');
  expect(await ask('hooks.example.com', false, ['10.0.0.1'], ['127.0.0.1'])).toBe('ADDRESS_REFUSED');
  expect(connections).toBe(1);
});

test('this machine is connected to where that is allowed, and still nothing else that is private', async () => {
  expect(await ask('127.0.0.1', true)).toBe('reached');
  expect(await ask('hooks.example.com', true, ['127.0.0.1'])).toBe('reached');
  expect(await ask('hooks.example.com', true, ['10.0.0.1'])).toBe('ADDRESS_REFUSED');
});
