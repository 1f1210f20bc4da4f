const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One press of Ctrl-C reaches this process up to three times: from the terminal, from npm, and from the script
 * that moved to the pinned Node. A signal counts as a second one only after this pause.
 */
const sameSignalMs = 1_000;

/** How a person ends the program. */
export type EndRequests = {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  stopListening(): void;
};

/** Listens for Ctrl-C and its like. @param onForce called at a second one, and every one after it */
export const listenForEnd = (onForce: () => void): EndRequests => {
  const ending = new AbortController();
  let firstAt = 0;
  const listener = (): void => {
    if (!ending.signal.aborted) {
      firstAt = Date.now();
      ending.abort();
    } else if (Date.now() - firstAt > sameSignalMs) onForce();
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    signal: ending.signal,
    stopListening: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
};
