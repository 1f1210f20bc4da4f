import { afterEach, expect, test, vi } from 'vitest';
import { type BulkRunner, createBulkRunner } from './bulk-runner.ts';

let runner: BulkRunner | undefined;
afterEach(() => {
  runner?.stop();
  vi.restoreAllMocks();
});

test('a step that could not be noted is taken again, and other jobs are not held up', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const left = new Set([1, 2]);
  let failures = 0;
  runner = createBulkRunner([
    {
      look: () => ({ waiting: left.size, due: [...left] }),
      step: async (rid) => {
        if (rid === 1 && failures++ === 0) throw new Error('database or disk is full');
        left.delete(rid);
      },
      tidy: () => undefined,
    },
  ]);
  runner.wake();
  await vi.waitFor(() => expect(left).toEqual(new Set()), { timeout: 4_000 });
  expect(failures).toBe(2);
  expect(logged).toHaveBeenCalledOnce();
});
