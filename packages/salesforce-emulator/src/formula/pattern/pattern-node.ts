/** Whether a code point belongs to a set of characters. */
export type CharacterTest = (codePoint: number) => boolean;

/** A place between two characters that a pattern can ask for. */
export type Boundary = 'start' | 'end' | 'lastEnd' | 'word' | 'noWord';

/** A parsed pattern; `max` undefined means without end. */
export type PatternNode =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'boundary'; readonly boundary: Boundary }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly part: PatternNode;
      readonly min: number;
      readonly max: number | undefined;
    };

/** Why a pattern cannot be used: `unsupported` is Java syntax that this emulator lacks. */
export class PatternProblem extends Error {
  readonly kind: 'invalid' | 'unsupported';

  constructor(kind: 'invalid' | 'unsupported', message: string) {
    super(message);
    this.kind = kind;
  }
}
