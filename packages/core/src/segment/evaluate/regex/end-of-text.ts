import { lineEnds, writePoints } from './code-points.ts';
import type { Flags } from './flags.ts';
import { asserting, type Part } from './part.ts';
import { PatternFault } from './pattern-reader.ts';

/**
 * `$` and `\Z`: at the end of the text, or before the line end it ends with. re2 cannot look ahead, so the line end is
 * taken, in a group of its own which tells what was taken too much. So nothing may stand behind them (`Alternatives`),
 * nothing that holds them may be repeated, and all of a pattern must know the same line ends.
 */
export class EndsOfText {
  /** Groups of re2 that hold the line end. */
  readonly groups: number[] = [];
  readonly #endOfText: '\r\n' | 'single';
  #isOfUnixLines: boolean | undefined;

  constructor(endOfText: '\r\n' | 'single') {
    this.#endOfText = endOfText;
  }

  /**
   * @param group the number of the group that it opens in re2
   * @param at where it stands
   * @throws PatternFault
   */
  add(flags: Flags, group: number, at: number): Part {
    this.#isOfUnixLines ??= flags.d;
    if (this.#isOfUnixLines !== flags.d)
      throw new PatternFault(
        'found $ or \\Z both under (?d) and without it; expected one of both everywhere',
        at,
      );
    this.groups.push(group);
    const single = flags.d ? '\\n' : `[${writePoints(lineEnds)}]`;
    const lineEnd = this.#endOfText === '\r\n' && !flags.d ? '\\r\\n' : single;
    return { ...asserting(`(?:\\z|(${lineEnd})\\z)`), endAt: at, isEnd: true };
  }
}

/** @throws PatternFault where it may be found twice: the second time, the line end would be behind it. */
export function refuseRepeatedEnd({ endAt }: Part, mostTimes: number): void {
  if (endAt !== undefined && mostTimes > 1)
    throw new PatternFault(
      'found $ or \\Z in what is repeated; expected it at the end, with at most a ? behind it',
      endAt,
    );
}
