import { type CrashPoint, crashPoints } from '../../packages/server/src/lifecycle/crash-points.ts';
import type { Mode } from './world.ts';

type Times = { passed: number; ended: number };

/** What befalls a whole org, or a server that does not end. */
const mishaps = ['org restored', 'calls used up', 'server stalled'] as const;
export type Mishap = (typeof mishaps)[number];

/** How often servers passed each crash point, and ended there, and what else happened, by mode. */
export class Coverage {
  readonly #times = new Map<string, Times>();
  readonly #mishaps = new Map<string, number>();

  passed(mode: Mode, point: CrashPoint): void {
    this.#of(mode, point).passed += 1;
  }

  ended(mode: Mode, point: CrashPoint): void {
    this.#of(mode, point).ended += 1;
  }

  befell(mode: Mode, mishap: Mishap): void {
    const key = `${mode.name}: ${mishap}`;
    this.#mishaps.set(key, (this.#mishaps.get(key) ?? 0) + 1);
  }

  /** Of a mode, what happened fewer than `enough` times: ends of servers at each point, and mishaps. */
  lacking(mode: Mode, enough: number): string[] {
    const ends = pointsOf(mode).map((point) => [`ended at ${point}`, this.endedAt(mode, point)] as const);
    const befell = mishaps.map((mishap) => [mishap, this.#befell(mode, mishap)] as const);
    return [...ends, ...befell].flatMap(([what, times]) =>
      times < enough ? [`${what} ${times} times`] : [],
    );
  }

  /** Points of a mode where servers ended fewer than `enough` times. */
  seldom(mode: Mode, enough: number): CrashPoint[] {
    return pointsOf(mode).filter((point) => this.endedAt(mode, point) < enough);
  }

  endedAt(mode: Mode, point: CrashPoint): number {
    return this.#of(mode, point).ended;
  }

  /** Points that a mode is not said to pass, and did. */
  unexpected(mode: Mode): CrashPoint[] {
    const expected = pointsOf(mode);
    return crashPoints.filter((point) => !expected.includes(point) && this.#of(mode, point).passed > 0);
  }

  /**
   * A row for each point, a column for each mode: how often servers ended there, of how often they came there; `-` where
   * a mode does not come.
   */
  table(modes: readonly Mode[]): string {
    const rows = crashPoints.map((point) => [
      point,
      ...modes.map((mode) => (pointsOf(mode).includes(point) ? this.#share(mode, point) : '-')),
    ]);
    const others = mishaps.map((mishap) => [
      mishap,
      ...modes.map((mode) => String(this.#befell(mode, mishap))),
    ]);
    const all = [['servers ended at', ...modes.map(({ name }) => name)], ...rows, ...others];
    const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
    const line = (row: readonly string[]) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd();
    return all.map(line).join('\n');
  }

  #befell(mode: Mode, mishap: Mishap): number {
    return this.#mishaps.get(`${mode.name}: ${mishap}`) ?? 0;
  }

  #share(mode: Mode, point: CrashPoint): string {
    const { passed, ended } = this.#of(mode, point);
    return `${ended} of ${passed}`;
  }

  #of(mode: Mode, point: CrashPoint): Times {
    const key = `${mode.name}: ${point}`;
    const times = this.#times.get(key) ?? { passed: 0, ended: 0 };
    this.#times.set(key, times);
    return times;
  }
}

/** The points that a mode of writing passes at all. */
export const pointsOf = (mode: Mode): readonly CrashPoint[] =>
  crashPoints.filter((point) => isReached(point, mode));

function isReached(point: CrashPoint, mode: Mode): boolean {
  const isCompared = mode.mapping.some(({ overwrite }) => overwrite === 'if_empty');
  const isListed = mode.details.membership === 'campaign';
  if (point === 'compared' || point === 'part written') return isCompared;
  if (point === 'list claimed' || point === 'list made' || point === 'records written') return isListed;
  return !point.startsWith('bulk ') || mode.bulkFrom !== undefined;
}
