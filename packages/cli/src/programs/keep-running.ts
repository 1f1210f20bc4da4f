import { setTimeout as delay } from 'node:timers/promises';
import { HeadraceError } from '@headrace/core';
import type { ChildExit, ChildProgram } from './child-program.ts';
import { decideRestart } from './restart-decision.ts';

/** A program that is started again when it dies, until it is stopped. */
export type KeptProgram = {
  /** Rejects when the program keeps dying or cannot be started again; else pending until stopped. */
  readonly done: Promise<void>;
  /** Ends the program for good. */
  stop(limitMs: number): Promise<void>;
  /** Ends it at once and for good. */
  kill(): void;
};

/**
 * Watches a started program.
 *
 * @param start starts it again; aborted when the program is stopped meanwhile
 * @param say told in one line what happened
 */
export const keepRunning = (
  first: ChildProgram,
  start: (signal: AbortSignal) => Promise<ChildProgram>,
  say: (line: string) => void,
): KeptProgram => {
  const stopping = new AbortController();
  let current = first;
  const watch = async (): Promise<void> => {
    const deathsAt: number[] = [];
    for (;;) {
      const exit = await current.exited;
      if (stopping.signal.aborted) return;
      deathsAt.push(Date.now());
      const decision = decideRestart(deathsAt);
      const how = describeExit(exit);
      if (decision.kind === 'give_up')
        throw new HeadraceError(
          'internal',
          `The ${first.name} ended ${decision.deaths} times within a minute, last with ${how}. ` +
            `Its log, ${first.logPath}, says more.`,
        );
      say(`The ${first.name} ended unexpectedly (${how}); starting it again.`);
      await delay(decision.delayMs, undefined, { signal: stopping.signal });
      current = await start(stopping.signal);
      say(`The ${first.name} runs again.`);
    }
  };
  const done = watch().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  // Whoever awaits `done` still sees the failure; nobody may be awaiting it yet.
  done.catch(() => undefined);
  return {
    done,
    stop: async (limitMs) => {
      stopping.abort();
      await current.stop(limitMs);
      await done.catch(() => undefined);
    },
    kill: () => {
      stopping.abort();
      current.kill();
    },
  };
};

const describeExit = ({ code, signal }: ChildExit): string =>
  signal === null ? `exit code ${code ?? 'unknown'}` : signal;
