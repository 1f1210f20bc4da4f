import type { ExclusionReason, FieldValue, MappedValues, PreparedRecord } from '@headrace/core';
import { type ContactFields, matchField, seedTargets } from './contact-fields.ts';
import { toStoredValue } from './stored-value.ts';

/** The whole value is a hash: MD5, SHA-1 or SHA-256 in hexadecimal. */
const hashPattern = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i;

const excluded = (reason: ExclusionReason, message: string): PreparedRecord => ({
  kind: 'excluded',
  reason,
  message,
});

/**
 * Turns mapped values into a Contact, or says why the profile cannot be one.
 *
 * Blank text is no value: it clears nothing. A target that the org does not let the user write goes along all
 * the same, so that Salesforce refuses it and the dataflow stops with one clear error instead of losing the
 * field silently.
 */
export function prepareContact(values: MappedValues, contact: ContactFields): PreparedRecord {
  const targets = new Map(contact.targets.map((target) => [target.name, target]));
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const target = targets.get(name);
    const field = target?.field ?? seedTargets.find((seed) => seed.name === name)?.field ?? name;
    const type = target?.type ?? contact.byName.get(field)?.type ?? 'string';
    if (type === 'email' && typeof value === 'string' && hashPattern.test(value.trim()))
      return excluded(
        'value_hashed',
        `The value for ${name} is a hash. Salesforce takes e-mail addresses in plain text only: map the plain address.`,
      );
    const result = toStoredValue(value, type);
    if (result.kind === 'wrong_kind')
      return excluded(
        'value_not_sendable',
        `The value for ${name} cannot be held by the field ${field} (${type}): expected ${result.expected}.`,
      );
    if (result.kind === 'value') fields[field] = result.value;
  }
  for (const target of contact.targets)
    if (target.required && (fields[target.field] ?? null) === null)
      return excluded(
        'required_value_missing',
        `The profile has no value for ${target.name} (${target.field}), which every Contact needs.`,
      );
  return {
    kind: 'record',
    object: 'Contact',
    matchKey: String(fields[matchField]),
    fields,
    ifEmpty: [],
    compare: 'never',
    parent: null,
  };
}
