const dayMs = 86_400_000;

/** Calls of the 24 hours before each instant; instants come in order. */
export class RollingCount {
  readonly #at: number[] = [];
  #oldest = 0;
  /** In any 24 hours so far. */
  most = 0;

  add(at: number): void {
    this.#at.push(at);
    this.most = Math.max(this.most, this.countAt(at));
  }

  countAt(at: number): number {
    while ((this.#at[this.#oldest] ?? at) <= at - dayMs) this.#oldest += 1;
    return this.#at.length - this.#oldest;
  }
}
