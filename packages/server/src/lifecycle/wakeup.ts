/** Lets one loop sleep until there is something to do. A call of `wake` while nobody sleeps is remembered. */
export class Wakeup {
  #pending = false;
  #wakeSleeper: (() => void) | undefined;

  wake(): void {
    this.#pending = true;
    this.#wakeSleeper?.();
  }

  /** Sleeps until woken, aborted, or `ms` have passed; at once when woken since the last sleep. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted)
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          this.#wakeSleeper = undefined;
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal.addEventListener('abort', end, { once: true });
        this.#wakeSleeper = end;
      });
    this.#pending = false;
  }
}
