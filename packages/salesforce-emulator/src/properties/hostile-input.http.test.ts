import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Route } from '../http/route.ts';
import { routes } from '../server/routes.ts';
import { type Org, startOrg } from '../start-org.ts';
import { type RawAnswer, sendBytes, sendRaw } from '../testing/raw-request.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';
import { stepDefinition } from '../testing/write-steps.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({ definition: stepDefinition });
  client = await connect(org);
});
afterAll(() => org.close());

type Header = readonly [string, string];
const bearer = (): Header => ['authorization', `Bearer ${client.token}`];
const json: Header = ['content-type', 'application/json'];

const parameters: Readonly<Record<string, string>> = { version: 'v67.0', object: 'Contact', field: 'Ext__c' };
const usualPath = (route: Route): string =>
  route.path.replace(/:(\w+)/g, (_all, name: string) => parameters[name] ?? '0035e0000000001AAA');

/** What the org must be after any amount of nonsense: there, empty, and well. */
async function expectUnharmed(): Promise<void> {
  expect((await client.call('GET', '/emulator/health')).body.status).toBe('ok');
  const { body } = await client.call('GET', '/emulator/counts');
  expect([body.Account, body.Contact, body.Lead]).toEqual(Array(3).fill({ live: 0, deleted: 0 }));
}

/** Neither done nor broken: a refusal, or a collection in which each record is refused. */
function expectRefused({ status, text }: RawAnswer, what: string): void {
  if (status === 200 && text.startsWith('[')) {
    const results: { success?: boolean }[] = JSON.parse(text);
    expect(
      results.every((result) => result.success === false),
      what,
    ).toBe(true);
    return;
  }
  expect(status, `${what} ${text.slice(0, 200)}`).toBeGreaterThanOrEqual(300);
  expect(status, `${what} ${text.slice(0, 200)}`).not.toBe(500);
}

test('a verb a resource does not have is refused, on every route', async () => {
  for (const route of routes)
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const isKnown = Object.hasOwn(route.methods, method) || (method === 'HEAD' && 'GET' in route.methods);
      // A path can also belong to a later route of the table.
      if (isKnown || routes.some((other) => other !== route && sameShape(other, route))) continue;
      const answer = await sendRaw(org.url, method, usualPath(route), [bearer(), json], '{}');
      expectRefused(answer, `${method} ${route.path}`);
      expect(answer.status, `${method} ${route.path}`).toBeGreaterThanOrEqual(400);
    }
  await expectUnharmed();
}, 60_000);

function sameShape(left: Route, right: Route): boolean {
  const parts = (path: string): string[] => path.split('/');
  const [ours, theirs] = [parts(left.path), parts(usualPath(right))];
  return (
    ours.length === theirs.length && ours.every((part, at) => part.startsWith(':') || part === theirs[at])
  );
}

test('nothing under /services/data answers without a session', async () => {
  const wrong: readonly (readonly Header[])[] = [
    [],
    [['authorization', 'Bearer nonsense']],
    [['authorization', 'Basic x']],
    [['authorization', '']],
    [['authorization', `Bearer ${'x'.repeat(12_000)}`]],
  ];
  for (const route of routes.filter(({ access }) => access === 'session'))
    for (const method of Object.keys(route.methods))
      for (const headers of wrong) {
        const answer = await sendRaw(
          org.url,
          method,
          usualPath(route),
          [...headers, json],
          '{"LastName":"x"}',
        );
        expect(answer.status, `${method} ${route.path}`).toBe(401);
      }
  await expectUnharmed();
}, 60_000);

const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const brokenBodies: readonly (readonly [string, Buffer, readonly Header[]])[] = [
  ['nothing', utf8(''), [json]],
  ['blanks', utf8(' \n\t'), [json]],
  ['half an object', utf8('{"LastName":"Doe"'), [json]],
  ['two values', utf8('{"LastName":"Doe"}{}'), [json]],
  ['single quotes', utf8("{'LastName':'Doe'}"), [json]],
  ['a comment', utf8('{"LastName":"Doe"/**/}'), [json]],
  ['a trailing comma', utf8('{"LastName":"Doe",}'), [json]],
  ['NaN', utf8('{"LastName":NaN}'), [json]],
  ['XML', utf8('<Contact><LastName>Doe</LastName></Contact>'), [json]],
  ['a form', utf8('LastName=Doe'), [json]],
  ['CSV', utf8('LastName\nDoe\n'), [json]],
  ['an unterminated text', utf8('{"LastName":"Doe}'), [json]],
  ['a raw NUL', utf8('{"LastName":"a\0b"}'), [json]],
  ['an escaped NUL', utf8('{"LastName":"a\\u0000b"}'), [json]],
  ['half a character', utf8('{"LastName":"a\\ud800b"}'), [json]],
  ['half a character as a key', utf8('{"LastName":"a","\\udfff":1}'), [json]],
  ['bytes that are no UTF-8', Buffer.from([...utf8('{"LastName":"'), 0xc3, 0x28, ...utf8('"}')]), [json]],
  ['UTF-16', Buffer.from('{"LastName":"Doe"}', 'utf16le'), [json]],
  ['a byte order mark', utf8('\uFEFF{"LastName":"Doe"}'), [json]],
  ['deep arrays', utf8(deep('[', ']', 20_000)), [json]],
  ['deep objects', utf8(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`), [json]],
  ['deep, never closed', utf8('['.repeat(100_000)), [json]],
  ['a number', utf8('7'), [json]],
  ['null', utf8('null'), [json]],
  ['a text', utf8('"LastName"'), [json]],
  ['another media type', utf8('{"LastName":"Doe"}'), [['content-type', 'text/xml']]],
  ['gzip that is none', utf8('{"LastName":"Doe"}'), [json, ['content-encoding', 'gzip']]],
  ['half a gzip', gzipSync('{"LastName":"Doe"}').subarray(0, 20), [json, ['content-encoding', 'gzip']]],
  ['gzip of nothing', gzipSync(''), [json, ['content-encoding', 'gzip']]],
  ['an unknown encoding', utf8('{"LastName":"Doe"}'), [json, ['content-encoding', 'br']]],
  [
    'two encodings',
    utf8('{"LastName":"Doe"}'),
    [json, ['content-encoding', 'gzip'], ['content-encoding', 'gzip']],
  ],
];

test('a body that is none is refused, on every route that reads one', async () => {
  const writing = routes.filter(({ access }) => access === 'session');
  for (const route of writing)
    for (const method of Object.keys(route.methods).filter((name) => /^(POST|PUT|PATCH)$/.test(name)))
      for (const [what, body, headers] of brokenBodies)
        expectRefused(
          await sendRaw(org.url, method, usualPath(route), [bearer(), ...headers], body),
          `${what} to ${method} ${route.path}`,
        );
  await expectUnharmed();
}, 60_000);

test('the emulator’s own interface and sign-in survive the same', async () => {
  // Some of these take no body, or are steered by it: they may answer, but not fall over.
  const spared = /reset|expire|clock|snapshot|restore/;
  for (const route of routes.filter(({ access, path }) => access !== 'session' && !spared.test(path)))
    for (const method of Object.keys(route.methods))
      for (const [what, body, headers] of brokenBodies.filter(([, , [type]]) => type !== undefined)) {
        const answer = await sendRaw(org.url, method, usualPath(route), headers, body);
        expect(answer.status, `${what} to ${method} ${route.path} ${answer.text.slice(0, 200)}`).not.toBe(
          500,
        );
      }
  await expectUnharmed();
}, 60_000);

const strangeNames = fc
  .constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '%00',
    'a%00b',
    '%',
    '%E0%A4%A',
    '%ED%A0%80',
    '%C0%AE%C0%AE',
    '..%2F..',
    '%2e%2e',
    "'%20or%201=1--",
    '%22%3B',
    '@%7BAcc.id%7D',
    '😀',
    'x'.repeat(3_000),
    '0'.repeat(18),
    '-1',
    '1e999',
    '*',
    'Contact',
    'Id',
    'null',
  )
  .map((name) => (/[^\x20-\x7e]/.test(name) ? encodeURIComponent(name) : name.replaceAll(' ', '%20')));
const strangeQuery = fc.oneof(
  fc.constant(''),
  fc.webQueryParameters().map((text) => `?${text}`),
  fc
    .tuple(
      fc.constantFrom('q', 'ids', 'fields', 'allOrNone', 'sObjects', 'limit', '_HttpMethod'),
      strangeNames,
    )
    .map(([name, value]) => `?${name}=${value}`),
  fc
    .string()
    .map((text) => `?q=SELECT%20Id%20FROM%20Contact%20WHERE%20${encodeURIComponent(text.toWellFormed())}`),
);
const strangeValue = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constantFrom(
      1e308,
      -0,
      1e21,
      Number.MAX_SAFE_INTEGER + 2,
      true,
      null,
      '',
      '@{a.id}',
      '2026-13-45',
      '1'.repeat(50_000),
    ),
    fc.array(tie('any'), { maxLength: 3 }),
    tie('record'),
  ),
  // No record here has a LastName, a Name or a Company, so none can ever be written.
  record: fc.dictionary(
    fc.constantFrom(
      'records',
      'attributes',
      'type',
      'allOrNone',
      'FirstName',
      'Email',
      'Account',
      'Ext__c',
      'Id',
      '__proto__',
      'constructor',
      'compositeRequest',
      'method',
      'url',
      'referenceId',
      'body',
      'httpHeaders',
      'ids',
      'fields',
      'Birthdate',
      'Points__c',
      'DoNotCall',
      'batchRequests',
      'graphs',
      'graphId',
      'richInput',
      'Contacts',
    ),
    tie('any'),
  ),
})).any;

test('no request to any resource, however made, brings it down or passes by accident', async () => {
  const request = fc.record({
    template: fc.constantFrom(...routes.flatMap(({ access, path }) => (access === 'session' ? [path] : []))),
    method: fc.constantFrom('POST', 'PATCH', 'PUT', 'DELETE', 'GET', 'HEAD'),
    version: fc.option(strangeNames, { freq: 5 }),
    object: fc.option(strangeNames, { freq: 2 }),
    rest: strangeNames,
    query: strangeQuery,
    body: fc.oneof(
      strangeValue.map((value) => JSON.stringify(value)),
      fc.string(),
    ),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ template, method, version, object, rest, query, body }) => {
      const names: Readonly<Record<string, string>> = {
        version: version === null ? 'v67.0' : version,
        object: object === null ? 'Contact' : object,
      };
      const path = template.replace(/:(\w+)/g, (_all, name: string) => names[name] ?? rest) + query;
      const answer = await sendRaw(org.url, method, path, [bearer(), json], method === 'GET' ? '' : body);
      const what = `${method} ${path} ${body}`;
      if (method === 'GET' || method === 'HEAD') expect(answer.status, what).not.toBe(500);
      else if (!isReadByPost(answer, template)) expectRefused(answer, what);
    }),
    { numRuns: 400 },
  );
  await expectUnharmed();
}, 60_000);

/** Reads that are posted: records retrieved by id, or a composite whose subrequests were refused one by one. */
function isReadByPost({ status, text }: RawAnswer, path: string): boolean {
  if (status !== 200) return false;
  if (path.endsWith('/composite/sobjects/:object')) return /^\[(null,?)*\]$/.test(text);
  return !/"(?:httpStatusCode|statusCode)":2/.test(text) && /"compositeResponse"|"results"/.test(text);
}

test('values no field can hold refuse the record, in every kind of field', async () => {
  const fields = [
    'LastName',
    'Email',
    'Birthdate',
    'Points__c',
    'DoNotCall',
    'AccountId',
    'LeadSource',
    'Description',
  ];
  const values: readonly string[] = [
    '{}',
    '[]',
    '{"__proto__":{"x":1}}',
    '["a"]',
    '1e999',
    '-1e999',
    '"\\u0000"',
    '"\\ud83d"',
    deep('[', ']', 60),
    '[[[{"a":[]}]]]',
  ];
  for (const field of fields)
    for (const value of values) {
      const fixed = field === 'LastName' ? '' : '"LastName":"x",';
      const row = await sendRaw(
        org.url,
        'POST',
        '/services/data/v67.0/sobjects/Contact',
        [bearer(), json],
        `{${fixed}"${field}":${value}}`,
      );
      if (field === 'LastName' && /^-?1e999$/.test(value)) expect(row.status).not.toBe(500);
      expect(row.status, `${field} ${value}`).toBe(400);
      const many = await sendRaw(
        org.url,
        'POST',
        '/services/data/v67.0/composite/sobjects',
        [bearer(), json],
        `{"records":[{"attributes":{"type":"Contact"},${fixed}"${field}":${value}}]}`,
      );
      expectRefused(many, `${field} ${value}`);
    }
  await expectUnharmed();
}, 60_000);

test('long texts are judged at once, whatever field they are sent for', async () => {
  const texts = [
    '1'.repeat(200_000),
    `${'a.'.repeat(100_000)}@x`,
    `${'a@'.repeat(100_000)}`,
    '-'.repeat(200_000),
  ];
  const endings = ['x', '.'];
  const started = performance.now();
  for (const field of [
    'Email',
    'Birthdate',
    'Points__c',
    'AccountId',
    'LeadSource',
    'LastName',
    'Ext__c',
    'DoNotCall',
  ])
    for (const text of texts)
      for (const ending of endings) {
        const answer = await client.rest('POST', '/sobjects/Contact', {
          LastName: 'x',
          [field]: text + ending,
        });
        expect(answer.status, field).toBe(400);
      }
  expect(performance.now() - started).toBeLessThan(20_000);
  await expectUnharmed();
}, 60_000);

test('huge bodies are refused, and read no further than allowed', async () => {
  const path = '/services/data/v67.0/composite/sobjects';
  const tooLarge = await sendRaw(
    org.url,
    'POST',
    path,
    [bearer(), json],
    Buffer.alloc(50 * 1024 * 1024 + 1, 0x20),
  );
  expect([0, 413]).toContain(tooLarge.status);
  const bomb = gzipSync(Buffer.alloc(60_000_000, 0x20));
  const unpacked = await sendRaw(org.url, 'POST', path, [bearer(), json, ['content-encoding', 'gzip']], bomb);
  expect(unpacked.status).toBe(400);
  const manyKeys = `{${Array.from({ length: 10_000 }, (_, index) => `"k${index}":1`).join(',')}}`;
  expect(
    (await sendRaw(org.url, 'POST', '/services/data/v67.0/sobjects/Contact', [bearer(), json], manyKeys))
      .status,
  ).toBe(400);
  const manyRecords = `{"records":[${Array(20_000).fill('{"attributes":{"type":"Contact"}}').join(',')}]}`;
  expect((await sendRaw(org.url, 'POST', path, [bearer(), json], manyRecords)).status).toBe(400);
  await expectUnharmed();
}, 60_000);

test('headers twice, and bytes that are not HTTP', async () => {
  const path = '/services/data/v67.0/sobjects/Contact';
  const twice: readonly (readonly Header[])[] = [
    [bearer(), bearer(), json],
    [bearer(), ['authorization', 'Bearer other'], json],
    [bearer(), json, ['content-type', 'text/xml']],
    [bearer(), json, ['sforce-auto-assign', 'TRUE'], ['sforce-auto-assign', 'FALSE']],
    [bearer(), json, ['sforce-duplicate-rule-header', 'allowSave=='], ['sforce-call-options', ';;;=']],
    [bearer(), json, ['if-modified-since', 'yesterday'], ['if-unmodified-since', '9'.repeat(400)]],
  ];
  for (const headers of twice) {
    const answer = await sendRaw(org.url, 'POST', path, headers, '{"FirstName":"no last name"}');
    expectRefused(answer, JSON.stringify(headers));
  }
  const nonsense: readonly (string | Buffer)[] = [
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n`,
    `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n`,
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"LastName":`,
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\n${'X-Y: z\r\n'.repeat(20_000)}\r\n`,
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    Buffer.alloc(10_000, 0xff),
    'GET /services/data/v67.0/sobjects/Contact/\0 HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  for (const bytes of nonsense) expect(await sendBytes(org.url, bytes)).not.toMatch(/^HTTP\/1\.1 2/);
  await expectUnharmed();
}, 60_000);
