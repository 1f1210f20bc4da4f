/** Why a regular expression cannot be used, and at which of its UTF-16 units. */
export class PatternFault extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** A pattern read from its start to its end, by code points. */
export class PatternReader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character; empty at the end. */
  peek(): string {
    const point = this.text.codePointAt(this.at);
    return point === undefined ? '' : String.fromCodePoint(point);
  }

  /** Takes the next character; at the end there is a fault at `from`. */
  next(from: number): string {
    const found = this.peek();
    if (found === '') throw new PatternFault(`${this.shown(from)} is not finished`, from);
    this.at += found.length;
    return found;
  }

  /** Takes a text if it comes next. */
  takes(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes what fits a sticky expression next. */
  take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text) ?? undefined;
    if (found !== undefined) this.at += found[0].length;
    return found;
  }

  /** What was read since, for a message. */
  shown(from: number): string {
    return this.text.slice(from, Math.max(this.at, from + 1)).slice(0, 40);
  }
}
