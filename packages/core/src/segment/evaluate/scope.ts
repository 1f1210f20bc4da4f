import type { PathRoot } from '../syntax/ast.ts';

/**
 * Where names lead while a rule is compiled: each scope, variable and parameter has a slot of the run. Immutable.
 */
export class Scope {
  readonly #levels: readonly number[];
  readonly #parameters: readonly number[];
  readonly #variables: ReadonlyMap<string, number>;
  readonly #slots: { next: number };

  private constructor(
    levels: readonly number[],
    parameters: readonly number[],
    variables: ReadonlyMap<string, number>,
    slots: { next: number },
  ) {
    this.#levels = levels;
    this.#parameters = parameters;
    this.#variables = variables;
    this.#slots = slots;
  }

  /** The profile, in slot 0. */
  static ofProfile(): Scope {
    return new Scope([0], [0], new Map(), { next: 1 });
  }

  /** Names mean the profile's, and nothing is bound. */
  get isOfProfile(): boolean {
    return this.#levels.length === 1 && this.#variables.size === 0;
  }

  /** Inside something evaluated per item without names. @returns the slots of item and value. */
  inside(): { readonly scope: Scope; readonly slots: readonly [number, number] } {
    const slots = [this.#slots.next++, this.#slots.next++] as const;
    const scope = new Scope([slots[0], ...this.#levels], slots, this.#variables, this.#slots);
    return { scope, slots };
  }

  /** With one variable more. @returns its slot. */
  with(name: string): { readonly scope: Scope; readonly slot: number } {
    const slot = this.#slots.next++;
    const variables = new Map(this.#variables).set(name, slot);
    return { scope: new Scope(this.#levels, this.#parameters, variables, this.#slots), slot };
  }

  /** The slot that a path begins in; undefined where there is no such thing. */
  slotOf(root: PathRoot): number | undefined {
    switch (root.kind) {
      case 'scope':
        return this.#levels[root.up];
      case 'parameter':
        return this.#parameters[root.number - 1];
      case 'variable':
        return this.#variables.get(root.name);
      default:
        return undefined;
    }
  }
}
