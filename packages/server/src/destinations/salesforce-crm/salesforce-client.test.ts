import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { CallPurpose, DeliveryBatch, DestinationCall, DestinationConnection } from '@headrace/core';
import { HeadraceError } from '@headrace/core';
import { afterEach, describe, expect, test } from 'vitest';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { createSalesforceCrmDestination } from './salesforce-crm-destination.ts';

/*
 * Servers that lie, break off and dawdle, made by hand: the emulator of Salesforce does not. What Salesforce
 * answers when all is well is tested against the emulator.
 */

const organizationId = '00D5e000000AbCdEAF';
const contactId = '0035e00000AbCdEAAT';
const password = 'hunter2-password';
const clientSecret = 'app-secret-value';

type Seen = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
};
type Answerer = (request: Seen, response: ServerResponse, socket: Socket) => void;

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    });
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(done));
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const sendJson = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

const fieldNames = 'LastName FirstName MailingCity MailingState MailingPostalCode MailingCountry MobilePhone';
const describeAnswer = {
  fields: [
    ...fieldNames.split(' ').map((name) => ({ name, type: 'string' })),
    { name: 'Email', type: 'email' },
  ].map((field) => ({
    ...field,
    label: field.name,
    length: 80,
    scale: 0,
    createable: true,
    updateable: true,
  })),
};

/** An org that signs in and describes well, and answers as ordered wherever an answerer is given. */
async function startOrg(answerers: Readonly<Record<string, Answerer>> = {}) {
  const seen: Seen[] = [];
  let origin = '';
  const usual: Record<string, Answerer> = {
    '/services/oauth2/token': (_request, response) =>
      sendJson(response, 200, {
        access_token: `${organizationId}!token`,
        instance_url: origin,
        id: `${origin}/id/${organizationId}/0055e000000AbCdAAF`,
        token_type: 'Bearer',
      }),
    '/services/data': (_request, response) => sendJson(response, 200, [{ version: '67.0' }]),
    '/services/data/v67.0/sobjects/Contact/describe': (_request, response) =>
      sendJson(response, 200, describeAnswer),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const path = (request.url ?? '').split('?')[0] ?? '';
      const one: Seen = {
        method: request.method ?? '',
        path,
        body: body.toString(),
        headers: request.headers,
      };
      seen.push(one);
      const answer = answerers[path] ?? usual[path];
      if (answer === undefined) sendJson(response, 404, [{ message: 'm', errorCode: 'NOT_FOUND' }]);
      else answer(one, response, request.socket);
    });
  });
  origin = `http://127.0.0.1:${await listen(server)}`;
  return { origin, seen, paths: () => seen.map(({ path }) => path) };
}

type Ports = {
  readonly calls: CallPurpose[];
  readonly recorded: DestinationCall[];
  readonly observed: { used: number; allowed: number }[];
  nowMs: number;
};

function connect(
  origin: string,
  options: { readonly values?: Record<string, string>; readonly refuse?: CallPurpose } = {},
): DestinationConnection & { readonly ports: Ports } {
  const ports: Ports = { calls: [], recorded: [], observed: [], nowMs: 1_800_000_000_000 };
  const destination = createSalesforceCrmDestination({ allowLoopback: true });
  const connection = destination.connect(
    {
      accountId: 'a',
      authentication: 'oauth2-password',
      organizationId: null,
      values: {
        username: 'u@acme.example',
        password,
        client_id: 'id',
        client_secret: clientSecret,
        custom_domain: origin,
        ...options.values,
      },
    },
    {
      budget: {
        reserve: async (purpose) => {
          if (purpose === options.refuse) throw new HeadraceError('destination_rate_limited', 'Used up.');
          ports.calls.push(purpose);
        },
        observe: (usage) => ports.observed.push(usage),
      },
      calls: { record: (call) => ports.recorded.push(call) },
      secrets: heldSecrets({}, {}),
      now: () => new Date(ports.nowMs),
      log: { info: () => undefined, warn: () => undefined },
    },
  );
  closers.push(() => connection.close());
  return Object.assign(connection, { ports });
}

const batch: DeliveryBatch = {
  version: 1,
  object: 'Contact',
  group: 'create',
  details: {},
  items: [
    {
      matchKey: 'a@x.example',
      recordId: null,
      fields: { Email: 'a@x.example', LastName: 'A' },
      ifEmpty: [],
      lists: [],
    },
  ],
};
const writePath = '/services/data/v67.0/composite/sobjects/Contact/Email';
const written = [{ id: contactId, success: true, errors: [], created: true }];
const never = new AbortController().signal;

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'none';
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    for (const secret of [password, clientSecret, 'a@x.example', '!token'])
      expect(error.message).not.toContain(secret);
    return error.code;
  }
};

describe('a write whose outcome nobody knows', () => {
  const cases: readonly (readonly [string, Answerer])[] = [
    ['a reset before any answer', (_request, _response, socket) => socket.resetAndDestroy()],
    ['a close before any answer', (_request, _response, socket) => socket.destroy()],
    ['half a status line', (_request, _response, socket) => socket.end('HTTP/1.1 20')],
    ['no HTTP', (_request, _response, socket) => socket.end('220 smtp ready\r\n')],
    [
      'a body that breaks off (length)',
      (_request, _response, socket) =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n[{"id":'),
    ],
    [
      'a body that breaks off (chunked)',
      (_request, _response, socket) =>
        socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[{"id\r\n'),
    ],
    [
      'a packed body that breaks off',
      (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(gzipSync(JSON.stringify(written)).subarray(0, 25)),
    ],
    [
      'an unknown packing',
      (_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
    ],
    [
      'a packed body that unfolds beyond measure',
      (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .end(gzipSync(JSON.stringify(written).padEnd(33 * 1024 * 1024))),
    ],
    ['HTML with success', (_request, response) => response.writeHead(200).end('<html>Maintenance</html>')],
    ['an empty success', (_request, response) => response.writeHead(200).end()],
    ['no content', (_request, response) => response.writeHead(204).end()],
    ['other JSON', (_request, response) => sendJson(response, 200, { ok: true })],
    ['too many results', (_request, response) => sendJson(response, 200, [...written, ...written])],
    [
      '500 UNKNOWN_EXCEPTION',
      (_request, response) => sendJson(response, 500, [{ errorCode: 'UNKNOWN_EXCEPTION' }]),
    ],
    ['502 HTML', (_request, response) => response.writeHead(502).end('<html>Bad Gateway</html>')],
    [
      '503 SERVER_UNAVAILABLE',
      (_request, response) => sendJson(response, 503, [{ errorCode: 'SERVER_UNAVAILABLE' }]),
    ],
    ['504 HTML', (_request, response) => response.writeHead(504).end('<html>')],
    ['403 of a proxy', (_request, response) => response.writeHead(403).end('<html>Blocked</html>')],
    [
      'a redirect',
      (_request, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
    ],
  ];

  test.each(cases)('%s', async (_what, answer) => {
    const org = await startOrg({ [writePath]: answer });
    const connection = connect(org.origin);
    expect(await codeOf(connection.deliver(batch, never))).toBe('destination_outcome_unknown');
    // It was sent exactly once: nothing repeats a write by itself.
    expect(org.paths().filter((path) => path === writePath)).toHaveLength(1);
  });

  test('a deadline that passes while Salesforce works', async () => {
    const org = await startOrg({ [writePath]: () => undefined });
    const connection = connect(org.origin);
    await connection.targetFields({}, never);
    expect(await codeOf(connection.deliver(batch, AbortSignal.timeout(100)))).toBe(
      'destination_outcome_unknown',
    );
  });

  test('a stop while the answer arrives', async () => {
    const stop = new AbortController();
    const org = await startOrg({
      [writePath]: (_request, response) => {
        response.writeHead(200);
        response.write('[{');
        setTimeout(() => stop.abort(), 20);
      },
    });
    expect(await codeOf(connect(org.origin).deliver(batch, stop.signal))).toBe('destination_outcome_unknown');
  });

  test('a connection kept alive that the other side closes as it is used', async () => {
    let calls = 0;
    const org = await startOrg({
      [writePath]: (_request, response, socket) => {
        calls += 1;
        if (calls === 1) sendJson(response, 200, written);
        else socket.destroy();
      },
    });
    const connection = connect(org.origin);
    await connection.deliver(batch, never);
    expect(await codeOf(connection.deliver(batch, never))).toBe('destination_outcome_unknown');
    expect(calls).toBe(2);
  });
});

describe('a write that certainly was not made', () => {
  test('no budget', async () => {
    const org = await startOrg();
    const connection = connect(org.origin, { refuse: 'deliver' });
    expect(await codeOf(connection.deliver(batch, never))).toBe('destination_rate_limited');
    expect(org.paths()).not.toContain(writePath);
  });

  test('no budget to sign in', async () => {
    const org = await startOrg();
    expect(await codeOf(connect(org.origin, { refuse: 'sign_in' }).deliver(batch, never))).toBe(
      'destination_rate_limited',
    );
    expect(org.seen).toEqual([]);
  });

  test('given up before it was sent', async () => {
    const org = await startOrg();
    const connection = connect(org.origin);
    await connection.targetFields({}, never);
    expect(await codeOf(connection.deliver(batch, AbortSignal.abort()))).toBe('destination_unavailable');
    expect(org.paths()).not.toContain(writePath);
  });

  test('given up while it waited for a free connection', async () => {
    const org = await startOrg({ [writePath]: () => undefined });
    const connection = connect(org.origin);
    await connection.targetFields({}, never);
    const stop = new AbortController();
    const holders = Array.from({ length: 10 }, () => codeOf(connection.deliver(batch, stop.signal)));
    const late = await codeOf(connection.deliver(batch, AbortSignal.timeout(200)));
    expect(late).toBe('destination_unavailable');
    expect(org.paths().filter((path) => path === writePath)).toHaveLength(10);
    stop.abort();
    expect(new Set(await Promise.all(holders))).toEqual(new Set(['destination_outcome_unknown']));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(org.paths().filter((path) => path === writePath)).toHaveLength(10);
  });

  test('the connection is refused', async () => {
    const dead = createTcpServer();
    const port = await listen(dead);
    dead.close();
    const org = await startOrg({
      '/services/oauth2/token': (_request, response) =>
        sendJson(response, 200, {
          access_token: 'x',
          instance_url: `http://127.0.0.1:${port}`,
          id: `https://x/id/${organizationId}/0055e000000AbCdAAF`,
        }),
    });
    expect(await codeOf(connect(org.origin).deliver(batch, never))).toBe('destination_unavailable');
  });

  test.each([
    [400, 'JSON_PARSER_ERROR', 'destination_request_rejected'],
    [403, 'REQUEST_LIMIT_EXCEEDED', 'destination_rate_limited'],
    [403, 'API_DISABLED_FOR_ORG', 'destination_misconfigured'],
    [404, 'NOT_FOUND', 'destination_misconfigured'],
  ])('Salesforce refuses it: %i %s', async (status, errorCode, code) => {
    const org = await startOrg({
      [writePath]: (_request, response) =>
        sendJson(response, status, [{ message: 'a@x.example', errorCode }]),
    });
    expect(await codeOf(connect(org.origin).deliver(batch, never))).toBe(code);
  });
});

describe('signing in', () => {
  test('once for all who wait, and only then', async () => {
    const org = await startOrg({ [writePath]: (_request, response) => sendJson(response, 200, written) });
    const connection = connect(org.origin);
    expect(org.seen).toEqual([]);
    await Promise.all([1, 2, 3].map(() => connection.deliver(batch, never)));
    expect(org.paths().filter((path) => path === '/services/oauth2/token')).toHaveLength(1);
    expect(connection.ports.calls).toEqual(['sign_in', 'describe', 'deliver', 'deliver', 'deliver']);
  });

  test('one who gives up does not take the others along', async () => {
    const org = await startOrg({
      '/services/data': (_request, response) =>
        setTimeout(() => sendJson(response, 200, [{ version: '67.0' }]), 100),
    });
    const connection = connect(org.origin);
    const hasty = codeOf(connection.targetFields({}, AbortSignal.timeout(20)));
    const patient = connection.targetFields({}, never);
    expect(await hasty).toBe('destination_unavailable');
    expect(await patient).toHaveLength(8);
  });

  test('again, once, when the session has ended', async () => {
    let tokens = 0;
    const org = await startOrg({
      [writePath]: (_request, response) => {
        tokens = org.paths().filter((path) => path === '/services/oauth2/token').length;
        if (tokens < 2) sendJson(response, 401, [{ errorCode: 'INVALID_SESSION_ID', message: 'm' }]);
        else sendJson(response, 200, written);
      },
    });
    expect(await connect(org.origin).deliver(batch, never)).toMatchObject([{ kind: 'activated' }]);
    expect(tokens).toBe(2);
  });

  test('then gives up', async () => {
    const org = await startOrg({
      [writePath]: (_request, response) =>
        sendJson(response, 401, [{ errorCode: 'INVALID_SESSION_ID', message: 'm' }]),
    });
    expect(await codeOf(connect(org.origin).deliver(batch, never))).toBe(
      'destination_authentication_rejected',
    );
    expect(org.paths().filter((path) => path === writePath)).toHaveLength(2);
  });

  test('a wrong password is not tried again at once, but a test does', async () => {
    const org = await startOrg({
      '/services/oauth2/token': (_request, response) =>
        sendJson(response, 400, { error: 'invalid_grant', error_description: `no: ${password}` }),
    });
    const connection = connect(org.origin);
    for (let at = 0; at < 3; at++)
      expect(await codeOf(connection.deliver(batch, never))).toBe('destination_authentication_rejected');
    expect(org.seen).toHaveLength(1);
    expect(await codeOf(connection.test(never))).toBe('destination_authentication_rejected');
    expect(org.seen).toHaveLength(2);
    connection.ports.nowMs += 61_000;
    expect(await codeOf(connection.deliver(batch, never))).toBe('destination_authentication_rejected');
    expect(org.seen).toHaveLength(3);
  });

  test('sends the grant as a form, with the security token behind the password', async () => {
    const org = await startOrg();
    const connection = connect(org.origin, { values: { password: 'p&w=1', security_token: 'tok' } });
    await connection.targetFields({}, never);
    const [token, versions, described] = org.seen;
    expect(token?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(token?.body))).toEqual({
      grant_type: 'password',
      client_id: 'id',
      client_secret: clientSecret,
      username: 'u@acme.example',
      password: 'p&w=1tok',
    });
    expect(versions?.headers.authorization).toBeUndefined();
    expect(described?.headers.authorization).toBe(`Bearer ${organizationId}!token`);
  });

  test('the token goes to no host outside Salesforce, whatever the answer names', async () => {
    const org = await startOrg({
      '/services/oauth2/token': (_request, response) =>
        sendJson(response, 200, {
          access_token: 'x',
          instance_url: 'https://evil.example',
          id: `https://x/id/${organizationId}/0055e000000AbCdAAF`,
        }),
    });
    expect(await codeOf(connect(org.origin).targetFields({}, never))).toBe('destination_misconfigured');
  });

  test('nothing goes to another org than before', async () => {
    let signIns = 0;
    const org = await startOrg({
      '/services/oauth2/token': (_request, response) => {
        signIns += 1;
        sendJson(response, 200, {
          access_token: 'x',
          instance_url: org.origin,
          id: `https://x/id/${signIns === 1 ? organizationId : '00D5e000000ZzZzEAF'}/0055e000000AbCdAAF`,
        });
      },
      [writePath]: (_request, response) =>
        sendJson(response, 401, [{ errorCode: 'INVALID_SESSION_ID', message: 'm' }]),
    });
    expect(await codeOf(connect(org.origin).deliver(batch, never))).toBe('destination_misconfigured');
    expect(org.paths().filter((path) => path === writePath)).toHaveLength(1);
  });

  test('a redirect is not followed', async () => {
    const other = await startOrg();
    const org = await startOrg({
      '/services/oauth2/token': (_request, response) =>
        response.writeHead(307, { location: `${other.origin}/services/oauth2/token` }).end(),
    });
    expect(await codeOf(connect(org.origin).test(never))).toBe('destination_unavailable');
    expect(other.seen).toEqual([]);
  });

  test.each<readonly [string, Answerer]>([
    ['HTML', (_request, response) => response.writeHead(200).end('<html>Welcome</html>')],
    ['other JSON', (_request, response) => sendJson(response, 200, { hello: 'world' })],
    ['404 HTML', (_request, response) => response.writeHead(404).end('<html>')],
    ['503 HTML', (_request, response) => response.writeHead(503).end('<html>')],
    ['a reset', (_request, _response, socket) => socket.resetAndDestroy()],
  ])('%s at the Custom Domain is no Salesforce', async (_what, answer) => {
    const org = await startOrg({ '/services/oauth2/token': answer });
    expect(await codeOf(connect(org.origin).test(never))).toBe('destination_unavailable');
  });

  test('a host that does not exist, and one that speaks no TLS, say so', async () => {
    const destination = createSalesforceCrmDestination({ allowedHosts: ['*.invalid'], allowLoopback: true });
    const org = await startOrg();
    for (const [domain, reason] of [
      // No resolver needs to be asked: a label has at most 63 characters.
      [`https://${'a'.repeat(64)}.invalid`, 'does not resolve'],
      [org.origin.replace('http:', 'https:'), 'TLS'],
    ] as const) {
      const connection = destination.connect(
        {
          accountId: 'a',
          authentication: 'oauth2-password',
          organizationId: null,
          values: {
            username: 'u',
            password,
            client_id: 'id',
            client_secret: clientSecret,
            custom_domain: domain,
          },
        },
        {
          budget: { reserve: async () => undefined, observe: () => undefined },
          calls: { record: () => undefined },
          secrets: heldSecrets({}, {}),
          now: () => new Date(0),
          log: { info: () => undefined, warn: () => undefined },
        },
      );
      await expect(connection.test(never)).rejects.toMatchObject({
        code: 'destination_unavailable',
        message: expect.stringContaining(reason),
      });
      await connection.close();
    }
  });
});

describe('every call', () => {
  test('tells the budget what Salesforce says of its limit', async () => {
    const org = await startOrg({
      [writePath]: (_request, response) =>
        sendJson(response, 200, written, {
          'sforce-limit-info': 'per-app-api-usage=17/250(appName=x); api-usage=231/15000',
        }),
    });
    const connection = connect(org.origin);
    await connection.deliver(batch, never);
    expect(connection.ports.observed).toEqual([{ used: 231, allowed: 15_000 }]);
  });

  test('is told to the log without keys, secrets or bodies', async () => {
    const org = await startOrg({
      [writePath]: (_request, response) =>
        sendJson(
          response,
          400,
          [{ errorCode: 'JSON_PARSER_ERROR', message: 'Not good: someone@x.example' }],
          {
            'sforce-limit-info': 'api-usage=231/15000',
          },
        ),
      '/services/data/v67.0/query': (_request, _response, socket) => socket.destroy(),
    });
    const connection = connect(org.origin);
    await expect(connection.deliver(batch, never)).rejects.toThrow();
    await connection.targetFields({}, never);
    await expect(connection.read(batch, never)).rejects.toThrow();
    const { recorded } = connection.ports;
    expect(
      recorded.map(({ purpose, method, status, code, wasSent }) => [purpose, method, status, code, wasSent]),
    ).toEqual([
      ['sign_in', 'POST', 200, null, true],
      ['describe', 'GET', 200, null, true],
      ['deliver', 'PATCH', 400, 'JSON_PARSER_ERROR', true],
      ['describe', 'GET', 200, null, true],
      // It shows no Account to this user.
      ['describe', 'GET', 404, 'NOT_FOUND', true],
      ['read', 'GET', null, expect.stringMatching(/^[A-Z_]+$/), true],
    ]);
    expect(recorded[2]).toMatchObject({
      path: '/services/data/v67.0/composite/sobjects/Contact/Email',
      records: batch.items.length,
      usage: { used: 231, allowed: 15_000 },
      requestBytes: expect.any(Number),
    });
    expect(recorded[5]?.path).toMatch(
      /^\/services\/data\/v67\.0\/query\?q=SELECT Id,.* FROM Contact WHERE Email IN \(\?\)$/,
    );
    const text = JSON.stringify(recorded);
    for (const secret of [password, clientSecret, 'token', '@x.example'])
      expect(text.replaceAll('oauth2/token', '')).not.toContain(secret);
  });

  test('a large batch travels packed, without assignment rules', async () => {
    const items = Array.from({ length: 200 }, (_, at) => ({
      matchKey: `p${at}@x.example`,
      recordId: null,
      fields: { Email: `p${at}@x.example`, LastName: 'Müller' },
      ifEmpty: [],
      lists: [],
    }));
    const org = await startOrg({
      [writePath]: (_request, response) =>
        sendJson(
          response,
          200,
          Array(200).fill({ id: contactId, success: true, errors: [], created: false }),
        ),
    });
    const outcomes = await connect(org.origin).deliver({ ...batch, items }, never);
    expect(outcomes).toHaveLength(200);
    const call = org.seen.at(-1);
    expect(call?.headers['content-encoding']).toBe('gzip');
    expect(call?.headers['sforce-auto-assign']).toBe('FALSE');
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ allOrNone: false, records: { length: 200 } });
  });

  test('fields are read again only after ten minutes', async () => {
    const org = await startOrg();
    const connection = connect(org.origin);
    await Promise.all([connection.targetFields({}, never), connection.targetFields({}, never)]);
    connection.ports.nowMs += 599_000;
    await connection.targetFields({}, never);
    const described = () => org.paths().filter((path) => path.endsWith('/Contact/describe')).length;
    expect(described()).toBe(1);
    connection.ports.nowMs += 2_000;
    await connection.targetFields({}, never);
    expect(described()).toBe(2);
  });

  test('preparing before the fields are known is the mistake of the caller', async () => {
    const org = await startOrg();
    expect(() => connect(org.origin).prepare({ values: {}, ifEmpty: new Set(), details: {} })).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });
});

describe('reading', () => {
  const queryPath = '/services/data/v67.0/query';
  const row = { attributes: { type: 'Contact' }, Id: contactId, Email: 'A@x.example', LastName: 'A' };

  test('follows pages within the API only', async () => {
    const next = `${queryPath}/01g5e00000AbCdE-2000`;
    const org = await startOrg({
      [queryPath]: (_request, response) =>
        sendJson(response, 200, { done: false, nextRecordsUrl: next, records: [row] }),
      [next]: (_request, response) =>
        sendJson(response, 200, { done: true, records: [{ ...row, Id: '0035e00000AbCdFAAT' }] }),
    });
    expect(await connect(org.origin).read(batch, never)).toEqual([
      { kind: 'several', recordIds: [contactId, '0035e00000AbCdFAAT'] },
    ]);
  });

  test.each([
    ['another host as next page', { done: false, nextRecordsUrl: 'https://evil.example/x', records: [row] }],
    [
      'another path as next page',
      { done: false, nextRecordsUrl: '/services/data/v67.0/query/../x', records: [] },
    ],
    ['no records', { done: true }],
    ['a record without id', { done: true, records: [{ Email: 'a@x.example' }] }],
    ['a list', []],
  ])('%s is no answer', async (_what, answer) => {
    const org = await startOrg({ [queryPath]: (_request, response) => sendJson(response, 200, answer) });
    expect(await codeOf(connect(org.origin).read(batch, never))).toBe('destination_unavailable');
  });

  test.each([
    ['too few entries', []],
    ['another record', [{ ...row, Id: '0035e00000AbCdFAAT' }]],
    ['no record', ['x']],
  ])('by id: %s is no answer', async (_what, answer) => {
    const org = await startOrg({
      '/services/data/v67.0/composite/sobjects/Contact': (_request, response) =>
        sendJson(response, 200, answer),
    });
    const known: DeliveryBatch = {
      ...batch,
      items: batch.items.map((item) => ({ ...item, recordId: contactId })),
    };
    expect(await codeOf(connect(org.origin).read(known, never))).toBe('destination_unavailable');
  });

  test('an answer beyond measure is not read to its end', async () => {
    let hasEnded = false;
    const org = await startOrg({
      [queryPath]: (_request, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, ' ')));
        };
        response.on('drain', more).on('close', () => {
          hasEnded = true;
        });
        more();
      },
    });
    await expect(connect(org.origin).read(batch, never)).rejects.toMatchObject({
      code: 'destination_unavailable',
      message: expect.stringContaining('too large'),
    });
    await expect.poll(() => hasEnded).toBe(true);
  });

  test('a lost answer of a read leaves nothing open', async () => {
    const org = await startOrg({ [queryPath]: (_request, _response, socket) => socket.destroy() });
    expect(await codeOf(connect(org.origin).read(batch, never))).toBe('destination_unavailable');
  });
});

test('a closed connection waits for what is under way', async () => {
  const org = await startOrg({
    [writePath]: (_request, response) => setTimeout(() => sendJson(response, 200, written), 100),
  });
  const connection = connect(org.origin);
  await connection.targetFields({}, never);
  const delivering = connection.deliver(batch, never);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await connection.close();
  await connection.close();
  expect(await delivering).toMatchObject([{ kind: 'activated' }]);
});
