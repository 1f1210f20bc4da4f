import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

test.each<[string, string, number]>([
  ['sort terms', `SELECT Id FROM Contact ORDER BY ${Array(2_100).fill('Name').join(',')}`, 400],
  ['parentheses', `SELECT Id FROM Contact WHERE ${'('.repeat(3_000)}Name='x'${')'.repeat(3_000)}`, 400],
  ['conditions', `SELECT Id FROM Contact WHERE ${Array(1_000).fill("Name='x'").join(' AND ')}`, 200],
  ['alternatives', `SELECT Id FROM Contact WHERE ${Array(1_000).fill("Name LIKE 'x%y'").join(' OR ')}`, 200],
])('a query with very many %s is answered or refused, not a failure', async (_what, soql, status) => {
  await using org = await startOrg();
  const { rest } = await connect(org);
  // Within a batch: as a path of its own it would be too long.
  const batchRequests = [{ method: 'GET', url: `v67.0/query?q=${encodeURIComponent(soql)}` }];
  const { body } = await rest('POST', '/composite/batch', { batchRequests });
  expect(body.results?.[0]?.statusCode).toBe(status);
});
