import { expect, test } from 'vitest';
import { CampaignTurns } from './campaign-turns.ts';

let nowMs = 0;
const turns = () => new CampaignTurns(() => new Date(nowMs));
/** Work that tells when it begins and ends when it is told to. */
function piece(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const work = async (): Promise<void> => {
    log.push(name);
    await promise;
  };
  return { work, end: resolve, fail: reject };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('nobody waits before there was a collision, nor a minute after', async () => {
  const log: string[] = [];
  const queue = turns();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => piece(log, name));
  const all = [queue.run(['1'], a?.work ?? settle), queue.run(['1'], b?.work ?? settle)];
  await settle();
  expect(log).toEqual(['a', 'b']);
  queue.collided('1');
  nowMs += 60_000;
  all.push(queue.run(['1'], c?.work ?? settle));
  await settle();
  expect(log).toEqual(['a', 'b', 'c']);
  for (const one of [a, b, c]) one?.end();
  await Promise.all(all);
});

test('then those of one Campaign go in turn, others beside them, and a failure ends its turn', async () => {
  const log: string[] = [];
  const queue = turns();
  queue.collided('1');
  queue.collided('2');
  const a = piece(log, 'a');
  const b = piece(log, 'b');
  const c = piece(log, 'c');
  const running = [queue.run(['1'], a.work), queue.run(['2', '1', '1'], b.work), queue.run(['3'], c.work)];
  await settle();
  expect(log).toEqual(['a', 'c']);
  a.fail(new Error('gone'));
  await expect(running[0]).rejects.toThrow('gone');
  await settle();
  expect(log).toEqual(['a', 'c', 'b']);
  b.end();
  c.end();
  await Promise.all(running.slice(1));
});
