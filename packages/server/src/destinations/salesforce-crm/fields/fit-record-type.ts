import { type Fit, fits, unfit } from './fit.ts';
import { choiceOf } from './fit-choice.ts';
import { canonicalId } from './fit-record-id.ts';
import type { FieldDescription } from './object-description.ts';
import { trimmed } from './trim.ts';

/** The id of a record type that the user may give, from its id or its API name: the name is the same in every sandbox. */
export function fitRecordType(given: string, { choices }: Pick<FieldDescription, 'choices'>): Fit {
  const text = trimmed(given);
  const id = choiceOf(canonicalId(text) ?? text, choices) ?? choiceOf(text, choices);
  return id === undefined
    ? unfit('value_not_in_picklist', 'the API name or id of a record type that the user may use')
    : fits(id);
}
