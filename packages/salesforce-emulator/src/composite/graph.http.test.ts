import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg();
});
beforeEach(async () => {
  await fetch(`${org.url}/emulator/reset`, { method: 'POST' });
  client = await connect(org);
});
afterAll(() => org.close());

const base = '/services/data/v67.0/sobjects';
const node = (referenceId: string, object: string, body: object): object => ({
  method: 'POST',
  url: `${base}/${object}/`,
  referenceId,
  body,
});
const graph = (graphId: string, ...compositeRequest: readonly object[]): object => ({
  graphId,
  compositeRequest,
});
const run = (...graphs: readonly object[]) => client.rest('POST', '/composite/graph', { graphs });
const good = (graphId: string, name: string): object =>
  graph(
    graphId,
    node('account', 'Account', { name }),
    node('contact', 'Contact', { LastName: name, AccountId: '@{account.id}' }),
  );
const bad = (graphId: string): object =>
  graph(graphId, node('account', 'Account', { Name: 'Ghost' }), node('contact', 'Contact', {}));
const count = async (object: string): Promise<number> =>
  (await client.query(`SELECT COUNT() FROM ${object}`)).body.totalSize;
const flags = (answer: { body: { graphs: { isSuccessful: boolean }[] } }): boolean[] =>
  answer.body.graphs.map(({ isSuccessful }) => isSuccessful);

test('each graph is written whole or not at all', async () => {
  const answer = await run(good('1', 'Cloudy'), bad('2'), good('3', 'Easy'));
  expect(answer.status).toBe(200);
  expect(flags(answer)).toEqual([true, false, true]);
  const [first, second] = answer.body.graphs;
  expect(first).toMatchObject({
    graphId: '1',
    graphResponse: {
      compositeResponse: [
        { httpStatusCode: 201, referenceId: 'account', httpHeaders: { Location: expect.any(String) } },
        { httpStatusCode: 201, referenceId: 'contact', body: { success: true, errors: [] } },
      ],
    },
  });
  expect(second.graphResponse.compositeResponse).toMatchObject([
    { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
    { httpStatusCode: 400, body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] },
  ]);
  expect(
    (await client.query('SELECT Name, Account.Name FROM Contact ORDER BY Name')).body.records,
  ).toMatchObject([
    { Name: 'Cloudy', Account: { Name: 'Cloudy' } },
    { Name: 'Easy', Account: { Name: 'Easy' } },
  ]);
  expect(await count('Account')).toBe(2);
});

test('after more than 14 failures the rest is halted', async () => {
  const graphs = Array.from({ length: 15 }, (_, index) => bad(`b${index}`));
  expect(flags(await run(...graphs.slice(1), good('last', 'Cloudy'))).at(-1)).toBe(true);
  const answer = await run(...graphs, good('last', 'Easy'));
  expect(flags(answer)).toEqual(Array(16).fill(false));
  expect(answer.body.graphs.at(-1).graphResponse.compositeResponse).toMatchObject([
    { body: [{ errorCode: 'PROCESSING_HALTED' }], referenceId: 'account' },
    { body: [{ errorCode: 'PROCESSING_HALTED' }], referenceId: 'contact' },
  ]);
  expect(await count('Account')).toBe(1);
});

test('its limits', async () => {
  const many = (length: number, make: (index: number) => object): object[] =>
    Array.from({ length }, (_, index) => make(index));
  const refusal = (message: string) => ({
    graphs: [
      {
        graphId: '_default',
        graphResponse: {
          compositeResponse: [
            {
              body: [{ errorCode: 'LIMIT_EXCEEDED', message }],
              httpHeaders: {},
              httpStatusCode: 400,
              referenceId: null,
            },
          ],
        },
        isSuccessful: false,
      },
    ],
  });
  const lead = (index: number): object => node(`n${index}`, 'Lead', { LastName: 'L', Company: 'C' });
  const nodes = await run(graph('1', ...many(501, lead)));
  expect(nodes.body).toEqual(refusal('Limit of 500 reached for number of Nodes in the Graph'));
  expect(flags(await run(graph('1', ...many(500, lead))))).toEqual([true]);
  expect(await count('Lead')).toBe(500);
  const graphs = await run(...many(76, (index) => graph(`g${index}`, lead(0))));
  expect(graphs.body).toEqual(refusal('Limit of 75 reached for number of Graphs'));
  const chain = (length: number): object =>
    graph(
      '1',
      ...many(length, (index) =>
        node(`c${index}`, 'Contact', {
          LastName: 'x',
          ...(index === 0 ? {} : { ReportsToId: `@{c${index - 1}.id}` }),
        }),
      ),
    );
  expect((await run(chain(16))).body).toEqual(refusal('Limit of 15 reached for depth of the Graph'));
  expect(flags(await run(chain(15)))).toEqual([true]);
  const kinds = ['Account', 'Contact', 'Lead', 'User'].flatMap((object) =>
    ['GET', 'PATCH', 'DELETE', 'POST'].map((method) => ({
      method,
      url: `${base}/${object}/x`,
      referenceId: method + object,
    })),
  );
  expect((await run(graph('1', ...kinds))).body).toEqual(
    refusal('Limit of 15 reached for number of different Nodes in the Graph'),
  );
});

test('what a graph cannot hold', async () => {
  expect((await run()).status).toBe(400);
  expect((await run(good('1', 'a'), good('1', 'b'))).status).toBe(400);
  expect((await run(graph('-', node('a', 'Account', { Name: 'x' })))).status).toBe(400);
  expect((await run(graph('1', node('a', 'Account', { Name: 'x' }), node('a', 'Account', {})))).status).toBe(
    400,
  );
  expect(
    (await client.call('POST', '/services/data/v49.0/composite/graph', { graphs: [good('1', 'a')] })).status,
  ).toBe(404);
  const urls = [
    '/services/data/v67.0/query?q=SELECT Id FROM Lead',
    `${base}/Account`,
    `${base}/Account/describe`,
    '/services/data/v49.0/sobjects/Account/001',
  ];
  for (const url of urls) {
    const answer = await run(
      graph('1', node('a', 'Account', { Name: 'x' }), { method: 'GET', url, referenceId: 'b' }),
    );
    expect(answer.body.graphs[0].graphResponse.compositeResponse[1], url).toMatchObject({
      httpStatusCode: 404,
    });
  }
  expect(await count('Account')).toBe(0);
});
