import { expect, test } from 'vitest';
import { orAborted } from './or-aborted.ts';

const unavailable = expect.objectContaining({ code: 'destination_unavailable' });
const pending = new Promise<string>(() => undefined);

test('gives up at once when it is too late already, later when it is not', async () => {
  await expect(orAborted(pending, AbortSignal.abort(), 'for it')).rejects.toEqual(unavailable);
  await expect(orAborted(pending, AbortSignal.timeout(5), 'for it')).rejects.toEqual(unavailable);
});

test('passes on what came of the work', async () => {
  const { signal } = new AbortController();
  expect(await orAborted(Promise.resolve('done'), signal, 'for it')).toBe('done');
  await expect(orAborted(Promise.reject(new Error('own')), signal, 'for it')).rejects.toThrow('own');
});
