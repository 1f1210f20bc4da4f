import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DestinationCall } from '@headrace/core';
import { expect, onTestFinished, test } from 'vitest';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { CountedHttp } from './counted-http.ts';

const facts = { purpose: 'read', effect: 'read', what: 'for results', host: 'the org' } as const;

/** What the log of calls, whose column holds 32 bits, would take for ever. */
test.each([
  ['5000000000', 2 ** 31 - 1],
  ['9007199254740991', 2 ** 31 - 1],
  ['7', 7],
  [undefined, 0],
])('an answer that says it has %s bytes is logged with %d', async (length, logged) => {
  const server = createServer((_, response) => {
    response.writeHead(200, length === undefined ? {} : { 'content-length': length });
    response.write('a,b,c\n1');
    if (logged < 10) response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const calls: DestinationCall[] = [];
  const http = new CountedHttp(
    {
      budget: { reserve: async () => undefined, observe: () => undefined },
      calls: { record: (call) => void calls.push(call) },
      secrets: heldSecrets({}, {}),
      now: () => new Date(),
      log: { info: () => undefined, warn: () => undefined },
    },
    1_000,
  );
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = { origin, method: 'GET', path: '/results', headers: {}, purpose: 'read' } as const;
  const never = new AbortController().signal;
  const answer = await http.stream(request, facts, never).catch((error: unknown) => error);
  expect(calls).toMatchObject([{ responseBytes: logged, ...(logged > 10 ? {} : { status: 200 }) }]);
  if (answer !== null && typeof answer === 'object' && 'body' in answer) {
    const { body } = answer as { body: NodeJS.ReadableStream & { destroy(): void } };
    body.on('error', () => undefined);
    body.destroy();
  }
  await http.close();
});
