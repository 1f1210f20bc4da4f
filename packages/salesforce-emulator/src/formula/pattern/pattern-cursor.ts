import { PatternProblem } from './pattern-node.ts';

/** Reads the characters of a pattern one after the other. */
export class PatternCursor {
  private readonly characters: readonly string[];
  private index = 0;

  constructor(pattern: string) {
    this.characters = [...pattern];
  }

  peek(ahead = 0): string | undefined {
    return this.characters[this.index + ahead];
  }

  take(): string {
    const character = this.characters[this.index++];
    if (character === undefined) throw new PatternProblem('invalid', 'it ends too early');
    return character;
  }

  takeIf(expected: string): boolean {
    if (this.peek() !== expected) return false;
    this.index++;
    return true;
  }

  /** What comes before the end sign; the sign is taken too. */
  takeUntil(end: string): string {
    let text = '';
    for (let next = this.take(); next !== end; next = this.take()) text += next;
    return text;
  }
}

export const codeOf = (character: string): number => character.codePointAt(0) ?? 0;
