import { setTimeout as delay } from 'node:timers/promises';
import { readProcessStart } from './process-start.ts';
import type { ChildIdentity } from './program-record.ts';

const pollMs = 100;

/**
 * Waits until the children of a killed program have ended, which they do by themselves when their channel to it
 * breaks. One that hangs is killed when the time is up, provided that the platform tells it from a process that
 * got its pid later.
 *
 * @returns the pids that still run
 */
export const waitForLeftovers = async (
  children: readonly ChildIdentity[],
  limitMs: number,
  signal: AbortSignal,
): Promise<readonly number[]> => {
  const deadline = Date.now() + limitMs;
  let left = await stillRunning(children);
  while (left.length > 0 && Date.now() < deadline) {
    await delay(pollMs, undefined, { signal });
    left = await stillRunning(left);
  }
  const certain = left.filter(({ start }) => start !== '');
  for (const { pid } of certain) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
  if (certain.length > 0) await delay(pollMs, undefined, { signal });
  return (await stillRunning(left)).map(({ pid }) => pid);
};

const stillRunning = async (children: readonly ChildIdentity[]): Promise<readonly ChildIdentity[]> => {
  const starts = await Promise.all(children.map(({ pid }) => readProcessStart(pid)));
  return children.filter(({ start }, index) => starts[index] === start);
};
