/** The values of one statement. What a rule says gets into SQL only here, as a parameter with its type. */
export class Parameters {
  readonly values: string[] = [];
  readonly #places = new Map<string, string>();
  readonly #first: number;

  /** @param first the number of the first of them. */
  constructor(first: number) {
    this.#first = first;
  }

  /** @returns the place that stands for the value; equal ones share it. */
  add(value: string, type: 'text' | 'jsonb' | 'jsonb[]' | 'float8' | 'timestamptz' | 'uuid'): string {
    const key = `${type} ${value}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = `$${this.#first + this.values.length}::${type}`;
      this.values.push(value);
      this.#places.set(key, place);
    }
    return place;
  }
}

/**
 * Statements with their parameters numbered anew, those left out that nothing stands for: PostgreSQL cannot tell the
 * type of one that it does not find.
 */
export function renumber(
  texts: readonly string[],
  values: readonly string[],
  first: number,
): { readonly texts: readonly string[]; readonly values: readonly string[] } {
  const used: string[] = [];
  const numbers = new Map<number, number>();
  const renumbered = texts.map((text) =>
    text.replaceAll(/\$(\d+)/g, (place, digits: string) => {
      const value = values[Number(digits) - first];
      if (value === undefined) return place;
      const number = numbers.get(Number(digits)) ?? first - 1 + used.push(value);
      numbers.set(Number(digits), number);
      return `$${number}`;
    }),
  );
  return { texts: renumbered, values: used };
}

/** PostgreSQL has no text with U+0000 and none with half a surrogate pair; a document neither. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
