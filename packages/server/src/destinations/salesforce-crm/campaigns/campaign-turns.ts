/** How long after a collision others are kept waiting. */
const collisionMs = 60_000;

/**
 * Lets calls that write members of one Campaign go one after another once they have locked each other out: each
 * locks the Campaign's row, whose totals it changes. Until then nobody waits.
 */
export class CampaignTurns {
  readonly #now: () => Date;
  readonly #collided = new Map<string, number>();
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Does the work when all before it on the same Campaigns have ended, where these collided lately. */
  async run<Result>(campaignIds: Iterable<string>, work: () => Promise<Result>): Promise<Result> {
    const now = this.#now().getTime();
    const crowded = [...new Set(campaignIds)].filter(
      (id) => (this.#collided.get(id) ?? -Infinity) + collisionMs > now,
    );
    const before = crowded.flatMap((id) => this.#last.get(id) ?? []);
    const done = Promise.all(before).then(work);
    const settled = done.catch(() => undefined);
    for (const id of crowded) this.#last.set(id, settled);
    try {
      return await done;
    } finally {
      for (const id of crowded) if (this.#last.get(id) === settled) this.#last.delete(id);
    }
  }

  /** Others held the row of this Campaign. */
  collided(campaignId: string): void {
    this.#collided.set(campaignId, this.#now().getTime());
  }
}
