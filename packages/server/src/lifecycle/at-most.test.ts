import { expect, test } from 'vitest';
import { atMost } from './at-most.ts';

test('so much runs at a time, in the order it came, whether or not it fails', async () => {
  const inTurn = atMost(2);
  const log: string[] = [];
  let running = 0;
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      running += 1;
      expect(running).toBeLessThanOrEqual(2);
      log.push(name);
      setTimeout(() => {
        running -= 1;
        if (name === 'b') reject(new Error(name));
        else resolve(name);
      }, 5);
    });
  const results = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((name) => inTurn(work(name))));
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(results.map(({ status }) => status)).toEqual(
    'fulfilled rejected fulfilled fulfilled fulfilled'.split(' '),
  );
  expect(await inTurn(async () => 7)).toBe(7);
});
