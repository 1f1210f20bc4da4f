/** A clock that goes on as the machine's does and can be moved ahead. */
export class MovedClock {
  #ahead: number;

  /** @param startsAt epoch milliseconds. */
  constructor(startsAt: number) {
    this.#ahead = startsAt - performance.now();
  }

  /** Epoch milliseconds. */
  readonly ms = (): number => Math.floor(this.#ahead + performance.now());
  readonly now = (): Date => new Date(this.ms());

  /** Moves it ahead to an instant; one that has passed already leaves it as it is. */
  moveTo(at: number): void {
    this.#ahead += Math.max(0, at - this.ms());
  }
}
