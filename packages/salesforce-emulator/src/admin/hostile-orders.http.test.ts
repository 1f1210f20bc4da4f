import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startOrg } from '../start-org.ts';
import { connect } from '../testing/rest-client.ts';

test('no order to the emulator, however made, brings it down or is taken for another one', async () => {
  await using org = await startOrg();
  const { call } = await connect(org);
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('latency', 'error', 'cut', 'governor', 'record_error', 'restore', '', '2026-01-01'),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 3 }),
      tie('record'),
    ),
    record: fc.dictionary(
      fc.constantFrom(
        'rules',
        'fault',
        'kind',
        'match',
        'count',
        'ms',
        'seed',
        'locks',
        'others',
        'list',
        'at',
        'calls',
        'per_hour',
        'advance_ms',
        'set',
        'freeze',
        'name',
        'keep_ids',
        '__proto__',
        'constructor',
      ),
      tie('any'),
    ),
  })).record;
  const order = fc.record({
    route: fc.constantFrom(
      ['PUT', '/emulator/faults'] as const,
      ['PUT', '/emulator/limits'] as const,
      ['POST', '/emulator/clock'] as const,
      ['POST', '/emulator/snapshots'] as const,
      ['POST', '/emulator/snapshots/none/restore'] as const,
    ),
    body: value,
  });
  await fc.assert(
    fc.asyncProperty(order, async ({ route: [method, path], body }) => {
      const answer = await call(method, path, JSON.stringify(body));
      expect([200, 201, 400, 404], `${method} ${path} ${JSON.stringify(body)}`).toContain(answer.status);
    }),
    { numRuns: 300 },
  );
});

test('queries of the journal are checked', async () => {
  await using org = await startOrg();
  const { call } = await connect(org);
  for (const query of ['limit=x', 'status=-1', 'before=1e9', 'since=soon'])
    expect((await call('GET', `/emulator/journal?${query}`)).status, query).toBe(400);
  for (const query of ['before=x', 'call=1.5', 'id=nobody', 'id=999000000000001', 'kind=__proto__'])
    expect((await call('GET', `/emulator/changes?${query}`)).status, query).toBe(400);
  expect((await call('GET', '/emulator/journal?path=%25&object=%27')).body.entries).toEqual([]);
});

test('an org with calls that are never answered, or later, can be closed', async () => {
  const org = await startOrg();
  const client = await connect(org);
  org.faults({ rules: [{ fault: { kind: 'hang' } }] });
  const hung = client.rest('GET', '/limits').catch((error: Error) => error.name);
  await expect.poll(() => org.journal({ path: '/services/data' })).toHaveLength(1);
  org.faults({ latency_ms: 100 });
  const slow = client
    .rest('POST', '/sobjects/Contact', { LastName: 'S' })
    .catch((error: Error) => error.name);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await org.close();
  expect([await hung, await slow]).toEqual(['TypeError', 'TypeError']);
  await new Promise((resolve) => setTimeout(resolve, 100));
});
