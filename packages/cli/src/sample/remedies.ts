import { type ErrorCode, type ExclusionReason, errorCodes } from '@headrace/core';

const exclusions: Readonly<Record<ExclusionReason, string>> = {
  consent_withdrawn: 'Nothing. Once the person agrees again, the next record delivers them.',
  required_value_missing:
    'Add the missing value (last name, e-mail) in the source and send the record again.',
  value_hashed: 'Send the address as plain text: Salesforce takes no hashed ones.',
  value_not_sendable: 'Correct the value in the source, or map another attribute.',
  match_key_held: 'Find out whether the two profiles are one person, and join or correct them in the source.',
  profile_merged: 'Nothing: the person is delivered as the profile that went on.',
  segment_exited: 'Nothing.',
};
const knownExclusions = new Map<string, string>(Object.entries(exclusions));

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);

/** What a person can do about a reason or an error code, one of the destination's own included. */
export const remedyFor = (code: string): string =>
  knownExclusions.get(code) ??
  (isErrorCode(code)
    ? errorCodes[code].remedy
    : 'Correct the value in the source and send the record again; it is delivered then.');
