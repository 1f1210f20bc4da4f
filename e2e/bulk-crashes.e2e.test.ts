import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type CrashPoint,
  crashPoints,
  listenAtCrashPoints,
} from '../packages/server/src/lifecycle/crash-points.ts';
import { rows } from '../packages/server/src/store/database.ts';
import { serverHere } from './crash-runs/crashing-server.ts';
import { expectRight } from './crash-runs/expect-right.ts';
import { type Mode, World } from './crash-runs/world.ts';

/* A server ends at each point of a job, and another takes it further. */

const mode: Mode = {
  name: 'as jobs',
  details: { membership: 'none' },
  mapping: [
    { source: { attribute: 'personalEmail.address' }, target: 'email' },
    { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
    { source: { attribute: 'homeAddress.city' }, target: 'city' },
  ],
  keyField: 'Email',
  bulkFrom: { scarce: 10, always: 10 },
};

let database: TestDatabase;
let world: World;
beforeAll(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  listenAtCrashPoints(undefined);
  await world.close();
});
afterAll(() => database.drop());

const people = (from: number, to: number, lastName: string) =>
  Array.from({ length: to - from }, (_, at) => ({
    id: `p${from + at}`,
    email: `p${from + at}@example.com`,
    lastName,
  }));

/** Ends the server that comes to a point first, and does something meanwhile. */
function killAt(point: CrashPoint, meanwhile: () => Promise<void> = async () => undefined): { hits: number } {
  const seen = { hits: 0 };
  listenAtCrashPoints(async (passed) => {
    const server = serverHere();
    if (server?.isDead === true) await new Promise(() => undefined);
    if (passed !== point || seen.hits > 0) return;
    seen.hits += 1;
    server?.kill();
    await meanwhile();
    await new Promise(() => undefined);
  });
  return seen;
}

async function start(): Promise<void> {
  world = await World.start(database, mode, () => 0.5);
  await world.ingest(people(0, 60, 'First'));
}

async function untilHit(seen: { hits: number }): Promise<void> {
  for (let tries = 0; tries < 400 && seen.hits === 0; tries++) {
    await delay(20);
    if (tries % 10 === 9) await world.advance(30_000);
  }
  expect(seen.hits).toBe(1);
}

const points = crashPoints.filter((point) => point.startsWith('bulk ') && point !== 'bulk abandoned');

test.each(points)('promises 1, 2, 3 and 4: a server ends at "%s"', async (point) => {
  await start();
  const seen = killAt(point, () => world.ingest(people(10, 20, 'Second')));
  world.startServer();
  await untilHit(seen);
  await world.settle();
  await expectRight(world, mode);
});

test('promises 1, 2 and 3: a server ends while it gives a job up that another left', async () => {
  await start();
  const first = killAt('bulk known');
  world.startServer();
  await untilHit(first);
  const second = killAt('bulk abandoned');
  world.startServer();
  await untilHit(second);
  await world.settle();
  await expectRight(world, mode);
  const open = world.org.journal({ method: 'PATCH' }).length;
  expect(open).toBeGreaterThan(0);
});

test('promise 2: a resync that was asked for while a job ran has its records written again', async () => {
  await start();
  const seen = killAt('bulk ended', async () => {
    const written = world.org.changes({ object: 'Contact', kind: 'created' }).slice(0, 5);
    for (const { id } of written) {
      const answer = await fetch(`${world.org.url}/emulator/records/Contact/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ fields: { LastName: 'Older' } }),
      });
      expect(answer.status).toBe(200);
    }
    await world.resync();
  });
  world.startServer();
  await untilHit(seen);
  await world.settle();
  await expectRight(world, mode);
});

test('promise 3: a job that was given up is not started by the server that comes back late', async () => {
  await start();
  let release = (): void => undefined;
  const stalled = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isReached = false;
  listenAtCrashPoints(async (point) => {
    if (point !== 'bulk uploaded' || isReached) return;
    isReached = true;
    await stalled;
  });
  world.startServer();
  for (let tries = 0; tries < 200 && !isReached; tries++) await delay(20);
  expect(isReached).toBe(true);
  await world.advance(25 * 60_000);
  await world.pool.query(`update bucket_lease set expires_at = '-infinity'`);
  world.startServer();
  for (let tries = 0; tries < 200; tries++) {
    await delay(20);
    const [job] = await rows<{ state: string }>(
      world.pool,
      'select state from bulk_job order by opened_at limit 1',
    );
    if (job?.state === 'finished') break;
  }
  release();
  await world.settle();
  await expectRight(world, mode);
  const states = await rows<{ settled: number }>(
    world.pool,
    'select settled from bulk_job order by opened_at limit 1',
  );
  expect(states).toEqual([{ settled: 0 }]);
});

test('promise 8: who opts out before the rows of a job leave is not among them', async () => {
  await start();
  let isReached = false;
  listenAtCrashPoints(async (point) => {
    if (point !== 'bulk opened' || isReached) return;
    isReached = true;
    await world.ingest([{ id: 'p5', email: 'p5@example.com', lastName: 'First', optedOut: true }]);
  });
  world.startServer();
  await world.settle();
  expect(isReached).toBe(true);
  await expectRight(world, mode);
  const made = world.org.changes({ object: 'Contact', kind: 'created', limit: 100 });
  expect(made).toHaveLength(59);
});
