import { HeadraceError } from '@headrace/core';

/**
 * The outcome of work that others wait for too, or an error as soon as this caller gives up; the work goes on.
 * @param what completes "Gave up waiting …"
 * @throws HeadraceError `destination_unavailable` when the signal aborts first.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(new HeadraceError('destination_unavailable', `Gave up waiting ${what}.`));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
