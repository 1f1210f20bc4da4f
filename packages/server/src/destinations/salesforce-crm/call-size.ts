/** How long an org that could not take a whole call is spared another one. */
const restMs = 10 * 60_000;

/**
 * How many records a call may carry where triggers and flows of an org reach governor limits: what a call was halved to
 * is where the next begins, for a while. Otherwise each would find it out anew, at the price of the calls refused.
 */
export class CallSize {
  readonly #now: () => Date;
  readonly #known = new Map<string, { readonly size: number; readonly untilMs: number }>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** @param most what a call carries where nothing is known of the object */
  startOf(object: string, most: number): number {
    const known = this.#known.get(object);
    return known !== undefined && this.#now().getTime() < known.untilMs ? Math.min(known.size, most) : most;
  }

  /** A call of so many got through where a larger one had not. */
  learn(object: string, size: number): void {
    this.#known.set(object, { size, untilMs: this.#now().getTime() + restMs });
  }
}
