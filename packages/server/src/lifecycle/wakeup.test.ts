import { expect, test } from 'vitest';
import { Wakeup } from './wakeup.ts';

test('a wake while nobody sleeps ends the next sleep at once', async () => {
  const wakeup = new Wakeup();
  wakeup.wake();
  const started = performance.now();
  await wakeup.sleep(60_000, new AbortController().signal);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test('a sleeper wakes by call, by abort and by time', async () => {
  const wakeup = new Wakeup();
  const controller = new AbortController();
  const started = performance.now();
  setTimeout(() => wakeup.wake(), 5);
  await wakeup.sleep(60_000, controller.signal);
  setTimeout(() => controller.abort(), 5);
  await wakeup.sleep(60_000, controller.signal);
  expect(performance.now() - started).toBeLessThan(5_000);
  await wakeup.sleep(60_000, controller.signal);
  await wakeup.sleep(10, new AbortController().signal);
  expect(performance.now() - started).toBeLessThan(5_000);
});
