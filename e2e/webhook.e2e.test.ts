import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { makeDataDir } from '@headrace/testkit';
import { expect, test } from 'vitest';
import {
  type Receiver,
  startReceiver,
} from '../packages/server/src/destinations/webhook/receiver.fixture.ts';
import {
  createCustomers,
  finishedBatch,
  type RunningServer,
  startServer,
  until,
  uploadCustomers,
} from './headrace.ts';

const people = 1_500;
const signingSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const authorization = 'Bearer token-of-the-receiver';

const withoutKey = ({ fields, segments }: Receiver['live'][number]) => ({ fields, segments });

/** A file of the same people, all of whom live in a city at a time. */
const customersIn = (city: string, at: string, count = people, tier = 'Gold'): Buffer =>
  Buffer.from(
    [
      'customer_id,email,first_name,last_name,phone,street,city,state,postal_code,country,company,birth_date,loyalty_tier,loyalty_points,marketing_email,updated_at',
      ...Array.from(
        { length: count },
        (_, n) => `WH-${n},Person${n}@Example.org,Pat,Roe,,,${city},,,,,,${tier},,,2026-01-0${at}T00:00:00Z`,
      ),
    ].join('\n'),
  );

test('promises 1, 2, 4 and 9: a webhook ends with the newest version of everyone, whatever is killed, lost and late', async () => {
  const dataDir = await makeDataDir();
  const receiver = await startReceiver(signingSecret);
  let server = await startServer(dataDir.path);
  let output = '';
  const kill = async (): Promise<RunningServer> => {
    server.process.kill('SIGKILL');
    await server.process.exited;
    output += server.process.output;
    return startServer(dataDir.path);
  };
  const load = async (...what: Parameters<typeof customersIn>): Promise<void> => {
    const { batch_id } = await uploadCustomers(server, datasetId, customersIn(...what));
    expect(await finishedBatch(server, batch_id)).toMatchObject({ status: 'success', rows_failed: 0 });
  };

  const datasetId = await createCustomers(server);
  await load('Ulm', '1');
  const segment = await server.api<{ segment_id: string }>('POST', '/segments', {
    name: 'Loyalty members',
    description: '',
    expression: 'loyalty.tier.isNotNull()',
  });
  const account = await server.api<{ account_id: string }>('POST', '/accounts', {
    destination_type: 'webhook',
    name: 'Receiver',
    authentication: 'signature',
    values: {
      url: `${receiver.url}?code=capability`,
      signing_secret: signingSecret,
      authorization,
      call_time_limit_seconds: '2',
    },
  });
  const dataflow = await server.api<{ dataflow_id: string }>('POST', '/dataflows', {
    account_id: account.account_id,
    name: 'Webhook',
    description: '',
    details: { fields: 'city, last_name' },
    mapping: Object.entries({
      key: 'personalEmail.address',
      city: 'homeAddress.city',
      last_name: 'person.name.lastName',
    }).map(([target, attribute]) => ({ source: { attribute }, target })),
  });
  const path = `/dataflows/${dataflow.dataflow_id}`;

  receiver.meanwhile = () => delay(80);
  await server.api('POST', `${path}/activations`, { segment_id: segment.segment_id });
  for (const moment of [1, 500, 1_000]) {
    await until(
      async () => receiver.live.length,
      (count) => count >= moment,
    );
    server = await kill();
  }
  // Two requests with the old city are held back until everything of the new one has come.
  const late = Promise.withResolvers<void>();
  let held = 0;
  receiver.meanwhile = () => (held++ < 2 ? late.promise : delay(20));
  receiver.cuts.push('after_write', 'before_write');
  await load('Mainz', '2');
  await until(
    async () => receiver.live.filter(({ fields }) => fields.city === 'Mainz').length,
    (count) => count >= 200,
  );
  server = await kill();
  await load('Bonn', '3');

  await until(
    () => server.api<{ items: readonly { backfilled_at: string | null }[] }>('GET', `${path}/activations`),
    ({ items }) => items.every(({ backfilled_at }) => backfilled_at !== null),
  );
  type Counts = { members: number; pending: number; activated: number };
  const { counts } = await until(
    () => server.api<{ counts: Counts }>('GET', path),
    ({ counts: { members, pending } }) => members === people && pending === 0,
  );
  expect(counts).toMatchObject({ members: people, activated: people });
  expect(receiver.stale).toBe(0);
  late.resolve();
  await until(
    async () => receiver.stale,
    (stale) => stale > 0,
  );
  expect(receiver.live).toHaveLength(people);
  expect(new Set(receiver.live.map(({ key }) => key)).size).toBe(people);
  const newest = {
    fields: { city: 'Bonn', last_name: 'Roe' },
    segments: { [segment.segment_id]: 'realized' },
  };
  expect(receiver.live.find((record) => !isDeepStrictEqual(newest, withoutKey(record)))).toBeUndefined();
  expect(await server.refused('POST', `${path}/verifications`)).toMatchObject({
    status: 409,
    message: expect.stringContaining('cannot be read back'),
  });

  // Who leaves the segment stays, and is said to have left; who is deleted goes.
  await load('Bonn', '4', 1, '');
  const first = () => receiver.live.find(({ key }) => key === 'Person0@Example.org');
  await until(
    async () => first()?.segments[segment.segment_id],
    (status) => status === 'exited',
  );
  expect(first()?.fields).toEqual(newest.fields);
  const found = await server.api<{ items: { profile_id: string }[] }>(
    'GET',
    '/profiles?namespace=CRMID&value=WH-0',
  );
  await server.api('POST', `/profiles/${found.items[0]?.profile_id}/deletion`, { at_destinations: 'delete' });
  await until(
    async () => receiver.live.length,
    (count) => count === people - 1,
  );
  expect(first()).toBeUndefined();

  // What requests are signed with and where they go is nowhere to be seen.
  const answers = JSON.stringify([
    await server.api('GET', '/accounts'),
    await server.api('GET', `/accounts/${account.account_id}`),
    await server.api('GET', path),
  ]);
  await server.process.stop();
  output += server.process.output;
  for (const secret of ['capability', signingSecret, 'token-of-the-receiver'])
    expect(answers + output).not.toContain(secret);
  await dataDir.remove();
}, 180_000);
