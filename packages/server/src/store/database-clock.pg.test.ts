import { createDatabase } from '@headrace/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DatabaseClock } from './database-clock.ts';

test('the time is that of the database, whatever the clock here says', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  onTestFinished(() => void vi.useRealTimers());
  const startedMs = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: startedMs + 86_400_000 });
  const clock = await DatabaseClock.open(database.pool);
  // The database of a test runs on this machine.
  const [early, late] = [startedMs - 1_000, startedMs + 60_000];
  for (const here of [startedMs - 86_400_000, startedMs + 3_600_000]) {
    vi.setSystemTime(here);
    const at = clock.now().getTime();
    expect(at).toBeGreaterThan(early);
    expect(at).toBeLessThan(late);
    await clock.look();
  }
});
