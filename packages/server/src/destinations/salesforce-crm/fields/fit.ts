import type { ExclusionReason, FieldValue } from '@headrace/core';
import { trimmed } from './trim.ts';

/** What becomes of a value: ready for its field, nothing to store, or of a kind the field cannot hold. */
export type Fit =
  | { readonly kind: 'value'; readonly value: FieldValue }
  | { readonly kind: 'blank' }
  | {
      readonly kind: 'unfit';
      readonly reason: ExclusionReason;
      /** What the field takes, for example `at most 80 characters`. */
      readonly rule: string;
    };

export const fits = (value: FieldValue): Fit => ({ kind: 'value', value });
export const blank: Fit = { kind: 'blank' };
export const unfit = (reason: ExclusionReason, rule: string): Fit => ({ kind: 'unfit', reason, rule });
/** Of a kind that the field cannot hold. */
export const wrongKind = (rule: string): Fit => unfit('value_not_sendable', rule);

/** A value without its personal part, for messages. */
export function describeClass(value: unknown): string {
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  if (typeof value !== 'string') return 'nothing';
  const { length } = trimmed(value);
  return `text of ${length} character${length === 1 ? '' : 's'}`;
}
