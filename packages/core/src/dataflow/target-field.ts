import type { ValueKind } from '../mapping/value-kind.ts';

export type TargetField = {
  /** Name used in a mapping: a seed name such as `email`, or the destination's own field name. */
  readonly name: string;
  readonly title: string;
  /** The destination's own name of the field, for example `MailingCity`. */
  readonly field: string;
  readonly type: string;
  readonly maxLength: number | null;
  /** A profile without a value for it is excluded. */
  readonly required: boolean;
  /** Records are matched by this field. */
  readonly matchKey: boolean;
  /** Other names a mapping may call it by. */
  readonly aliases?: readonly string[];
  /** What it holds; text where nothing is said. */
  readonly kind?: ValueKind;
  /** What may be chosen; at most `maxShownChoices`. */
  readonly choices?: readonly TargetChoice[];
  /** Nothing but `choices`, all of which are there, may be written. */
  readonly restricted?: boolean;
  /** No two records may hold one value. */
  readonly unique?: boolean;
  /** Made to hold keys of other systems. */
  readonly externalId?: boolean;
  /** Records can be found by it when they are written. */
  readonly idLookup?: boolean;
  /** Whether it can be written in a record that is there; true where nothing is said. */
  readonly updateable?: boolean;
  /** Whether it can hold nothing; true where nothing is said. */
  readonly clearable?: boolean;
  /**
   * It is a field of the record that the profile's one belongs to. There `required` holds where any field of that
   * record is mapped.
   */
  readonly parent?: {
    readonly object: string;
    /** The field of the profile's own record that takes the parent's id; not mapped beside the parent's fields. */
    readonly linkField: string;
  };
};
export type TargetChoice = { readonly value: string; readonly label: string };
/** A list of values is chosen from by machines as far as this; people search. */
export const maxShownChoices = 1_000;
