import { PatternFault } from './pattern-reader.ts';

/** A piece of a pattern as re2 writes it, and what decides where it can stand. */
export type Part = {
  readonly source: string;
  /** Where it asks for the end of the text, if so. */
  readonly endAt: number | undefined;
  /** It is `$` or `\Z` and nothing else. */
  readonly isEnd: boolean;
  /** It can be found where there is nothing. */
  readonly canBeEmpty: boolean;
  /** Where it holds `\R`, if so. */
  readonly lineBreakAt: number | undefined;
  /** Characters that re2 looks for once repetitions are written out, about. */
  readonly size: number;
};

const plain = { endAt: undefined, isEnd: false, lineBreakAt: undefined, size: 1 } as const;

/** One character, or what is found like one. */
export const consuming = (source: string): Part => ({ ...plain, source, canBeEmpty: source === '' });
/** `\R` at a place of the pattern. */
export const lineBreak = (at: number): Part => ({
  ...consuming('(?:\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])'),
  lineBreakAt: at,
});
/** What holds at a place and takes nothing. */
export const asserting = (source: string): Part => ({ ...plain, source, canBeEmpty: true });

/** Parts in a row, and rows of which one is found, as they are read. */
export class Alternatives {
  #source = '';
  #endAt: number | undefined;
  #endOfRow: number | undefined;
  #lineBreakAt: number | undefined;
  #canBeEmpty = false;
  #canRowBeEmpty = true;
  #size = 1;

  /** Behind `|`. */
  begin(): void {
    this.#endRow();
    this.#source += '|';
  }

  /**
   * The line end before which `$` stands is taken, so what follows would stand behind it: nothing may, but for another.
   * @throws PatternFault
   */
  add(part: Part): void {
    if (this.#endOfRow !== undefined && !part.isEnd)
      throw new PatternFault('found $ or \\Z before something else; expected it at the end', this.#endOfRow);
    this.#endOfRow ??= part.endAt;
    this.#lineBreakAt ??= part.lineBreakAt;
    this.#canRowBeEmpty &&= part.canBeEmpty;
    this.#source += part.source;
    this.#size += part.size;
  }

  get size(): number {
    return this.#size;
  }

  end(): Part {
    this.#endRow();
    return {
      source: this.#source,
      endAt: this.#endAt,
      isEnd: false,
      canBeEmpty: this.#canBeEmpty,
      lineBreakAt: this.#lineBreakAt,
      size: this.#size,
    };
  }

  #endRow(): void {
    this.#endAt ??= this.#endOfRow;
    this.#endOfRow = undefined;
    this.#canBeEmpty ||= this.#canRowBeEmpty;
    this.#canRowBeEmpty = true;
  }
}

/**
 * Java never takes half of `\r\n` for one of several `\R`, which re2 cannot tell.
 * @throws PatternFault
 */
export function refuseRepeatedLineBreak({ lineBreakAt }: Part): void {
  if (lineBreakAt !== undefined)
    throw new PatternFault('\\R cannot be repeated; write [\\r\\n]+ or (?:\\r\\n|\\n)+', lineBreakAt);
}
