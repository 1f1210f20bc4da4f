import { type Fit, fits, unfit } from './fit.ts';
import type { Choice, FieldDescription } from './object-description.ts';
import { trimmed } from './trim.ts';

type ChoiceField = Pick<FieldDescription, 'choices' | 'restricted' | 'length'>;

const notListed = (rule = 'an active value of the picklist'): Fit => unfit('value_not_in_picklist', rule);

/**
 * The value of a picklist by its API name, or by the label of one that is active; Salesforce heeds no case. A
 * picklist that is not restricted takes other text as well.
 */
export function fitChoice(given: string, field: ChoiceField): Fit {
  const text = trimmed(given);
  const found = choiceOf(text, field.choices);
  if (found !== undefined) return fits(found);
  if (field.restricted) return notListed();
  return isTooLong(text, field) ? tooLong(field) : fits(text);
}

/** Several values, parted by `;`: each once, in the order of the picklist. */
export function fitChoices(given: string, field: ChoiceField): Fit {
  const items = given.split(';').flatMap((item) => trimmed(item) || []);
  const chosen = items.map((item) => choiceOf(item, field.choices) ?? (field.restricted ? undefined : item));
  if (chosen.includes(undefined)) return notListed('active values of the picklist');
  const text = inOrder(new Set(chosen.flatMap((value) => value ?? [])), field.choices).join(';');
  if (text === '') return { kind: 'blank' };
  return isTooLong(text, field) ? tooLong(field) : fits(text);
}

/** The API name of an active value. */
export function choiceOf(text: string, choices: readonly Choice[]): string | undefined {
  const { byValue, byLabel } = indexOf(choices);
  const folded = text.toLowerCase();
  return byValue.get(folded) ?? byLabel.get(folded);
}

/** As the picklist orders them; others behind, by name. */
export function inOrder(values: ReadonlySet<string>, choices: readonly Choice[]): string[] {
  const { order } = indexOf(choices);
  const placeOf = (value: string): number => order.get(value) ?? order.size;
  return [...values].sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
}

const isTooLong = (text: string, { length }: ChoiceField): boolean => length > 0 && text.length > length;
const tooLong = ({ length }: ChoiceField): Fit => unfit('value_too_long', `at most ${length} characters`);

type Index = {
  readonly byValue: ReadonlyMap<string, string>;
  readonly byLabel: ReadonlyMap<string, string>;
  readonly order: ReadonlyMap<string, number>;
};
const indexes = new WeakMap<readonly Choice[], Index>();

/** Of a list that is looked at for every record. */
function indexOf(choices: readonly Choice[]): Index {
  const known = indexes.get(choices);
  if (known !== undefined) return known;
  const active = choices.filter((choice) => choice.active);
  const index: Index = {
    byValue: new Map(active.map(({ value }) => [value.toLowerCase(), value])),
    // The first of several with one label.
    byLabel: new Map(active.toReversed().map(({ value, label }) => [label.toLowerCase(), value])),
    order: new Map(choices.map(({ value }, at) => [value, at])),
  };
  indexes.set(choices, index);
  return index;
}
