import { AsyncLocalStorage } from 'node:async_hooks';

const deadline = new AsyncLocalStorage<number>();

/**
 * No request of `work` leaves from `at` on, in epoch milliseconds: whoever makes one asks `isTooLateToSend` at the last
 * moment. A timer does not see to it: of a process that was stopped it may fire behind what goes on.
 */
export const sendingUntil = <Result>(at: number, work: () => Result): Result => deadline.run(at, work);

export const isTooLateToSend = (now: Date): boolean =>
  now.getTime() >= (deadline.getStore() ?? Number.POSITIVE_INFINITY);
