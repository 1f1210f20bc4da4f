import { expect } from 'vitest';
import type { Chance } from './chance.ts';
import { change } from './changes.ts';
import type { Coverage } from './coverage.ts';
import type { World } from './world.ts';

/** Calls in 24 hours of an org that others use up: Headrace keeps a tenth of them for others. */
const allowed = 1_000;
/** Calls that may leave once the ledger knows of the others: what several servers had reserved by then. */
const mostUnaware = 4;
/** One is let through each time to hear whether others still use the calls. */
const hearAgainMs = 5 * 60_000;
/** People who come while there are no calls. */
const forced = 5;

/** What befalls a whole org in the middle of a run, at steps that chance chooses. */
export class Mishaps {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #coverage: Coverage;
  readonly #snapshotAt: number;
  readonly #restoreAt: number;
  readonly #usedUpAt: number;
  readonly #freeAt: number;
  #before: { readonly calls: number; readonly atMs: number } | undefined;

  constructor(world: World, chance: Chance, coverage: Coverage, steps: number) {
    this.#world = world;
    this.#coverage = coverage;
    this.#chance = chance;
    const [isRestored, isUsedUp] = [chance.is(0.35), chance.is(0.3)];
    const never = steps + 1;
    this.#snapshotAt = isRestored ? chance.upTo(steps - 2) : never;
    this.#restoreAt = isRestored ? this.#snapshotAt + 1 + chance.upTo(steps - 2 - this.#snapshotAt) : never;
    this.#usedUpAt = isUsedUp ? chance.upTo(steps - 1) : never;
    this.#freeAt = isUsedUp ? this.#usedUpAt + 1 + chance.upTo(1) : never;
  }

  /** To be told of each step, and in the end of one more. */
  async at(step: number): Promise<void> {
    if (step === this.#snapshotAt) this.#world.org.takeSnapshot('earlier');
    if (step === this.#restoreAt) await this.#restore();
    if (step === this.#usedUpAt) await this.#useUp();
  }

  /** Others let go of the calls that they used, where they still hold them. */
  async after(step: number, isLast: boolean): Promise<void> {
    if (this.#before !== undefined && (isLast || step + 1 >= this.#freeAt)) await this.#free();
  }

  /** The org goes back to an earlier state; sooner or later somebody notices, and asks for a resync. */
  async #restore(): Promise<void> {
    this.#coverage.befell(this.#world.mode, 'org restored');
    this.#world.note('the org is restored');
    this.#world.org.restore('earlier');
    if (this.#chance.is(0.4)) {
      await change(this.#world, this.#chance);
      await this.#world.advance(this.#chance.upTo(1_800) * 1_000);
    }
    await this.#world.resync();
    this.#world.note('resync');
  }

  /** Others use up all calls of the org, or so many that only some of those kept for them are left. */
  async #useUp(): Promise<void> {
    const { used } = await this.#world.limits({ allowed });
    const left = this.#chance.oneOf([0, allowed * 0.06]);
    await this.#world.limits({ others: { list: [{ at: 0, calls: allowed - used - left }] } });
    this.#world.delivery = 'goes on by itself';
    this.#coverage.befell(this.#world.mode, 'calls used up');
    this.#world.note(`others leave ${left} calls`);
    // Heard with the answer to a call, for which somebody has to come.
    for (let tries = 0; (await this.#world.othersKnown()) < 0.8 * allowed; tries++) {
      if (tries === 60) throw new Error('The ledger never heard that others use up the calls.');
      await this.#world.comeOne();
    }
    this.#before = { calls: this.#world.callsMade(), atMs: this.#world.now().getTime() };
    for (let come = 0; come < forced; come++) await this.#world.comeOne();
  }

  async #free(): Promise<void> {
    const { calls, atMs } = this.#before ?? { calls: 0, atMs: 0 };
    const made = this.#world.callsMade() - calls;
    const most = mostUnaware + Math.ceil((this.#world.now().getTime() - atMs) / hearAgainMs);
    this.#before = undefined;
    this.#world.note(`others let go; ${made} calls meanwhile`);
    expect({ callsWithoutRoom: made }).toEqual({ callsWithoutRoom: Math.min(made, most) });
    await this.#world.limits({ others: { list: [] } });
  }
}
