import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRight } from './crash-runs/expect-right.ts';
import { modes } from './crash-runs/modes.ts';
import { World } from './crash-runs/world.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('promises 3 and 4: what a server that stood still was about to write is not written any more', async () => {
  const mode = modes.find(({ name }) => name === 'by e-mail');
  if (mode === undefined) throw new Error('There is no such mode.');
  const world = await World.start(database, mode, () => 0.5);
  const reached = Promise.withResolvers<void>();
  const goesOn = Promise.withResolvers<void>();
  const first = world.startServer();
  const a = { id: 'a', email: 'a@example.com', lastName: 'A' };
  await world.ingest([a]);
  await world.settle();
  world.atPoint = async (point, server) => {
    if (point !== 'reserved' || server !== first) return;
    reached.resolve();
    await goesOn.promise;
  };
  await world.ingest([{ ...a, email: 'c@example.com' }]);
  await reached.promise;
  await world.overtake();
  // The address goes on to somebody else meanwhile.
  await world.ingest([a, { id: 'c', email: 'c@example.com', lastName: 'C' }]);
  await world.settle();
  const changes = () => world.org.changes({ object: 'Contact' }).length;
  const before = changes();
  goesOn.resolve();
  await delay(300);
  await world.settle();
  await expectRight(world, mode);
  expect(changes()).toBe(before);
  await world.close();
});
