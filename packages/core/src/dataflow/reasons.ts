import { errorCodes } from '../errors/codes.ts';

type Reason = { readonly meaning: string; readonly remedy: string };

/** Why a member of an activated segment is not sent; a person can act on each. */
export const exclusionReasons = {
  consent_withdrawn: {
    meaning: 'The person opted out of marketing.',
    remedy: 'Nothing. Once the person agrees again, the next record delivers them.',
  },
  required_value_missing: {
    meaning: 'The profile has no value for a field the destination requires.',
    remedy: 'Add the missing value in the source and send the record again.',
  },
  value_hashed: {
    meaning: 'The value is a hash; the destination takes plain text only.',
    remedy: 'Send the value as plain text, or map another attribute.',
  },
  value_not_sendable: {
    meaning: 'The value is of a kind that the target field cannot hold.',
    remedy: 'Correct the value in the source, or map another attribute.',
  },
  value_too_long: {
    meaning: 'The value is longer than the target field.',
    remedy:
      'Shorten the value in the source, make the field longer at the destination, or choose to cut values that are too long.',
  },
  value_not_in_picklist: {
    meaning: 'The target field takes listed values only, and this is none of them.',
    remedy: 'Correct the value in the source, or add it to the list at the destination.',
  },
  value_out_of_range: {
    meaning: 'The number or day lies beyond what the target field can hold.',
    remedy: 'Correct the value in the source, or map a field that holds more.',
  },
  match_key_held: {
    meaning: 'Another profile holds the same match key and is kept in that record.',
    remedy: 'Find out whether the two profiles are one person, and join or correct them in the source.',
  },
  record_held: {
    meaning: 'The record found at the destination is kept for another profile.',
    remedy:
      'Find out whether the two profiles are one person: if so, whoever owns the source joins them there; if not, corrects their keys, or the records merged at the destination are parted there.',
  },
  profile_merged: {
    meaning: 'The profile was merged into another, which is delivered instead.',
    remedy:
      'Nothing: the person is delivered as the profile that went on. A record that is no longer written is listed there.',
  },
  record_superseded: {
    meaning:
      'The record is kept for a person who goes on in another one, so it is off the segments it was in.',
    remedy: 'Merge it with the other record or delete it at the destination, or split the profile.',
  },
  profile_ended: {
    meaning: 'Nothing is known of the person any more: the datasets that told of them were deleted.',
    remedy:
      'Nothing. The record at the destination stays, off the segments it was told of; delete it there if it should go.',
  },
  person_deleted: {
    meaning: 'The person was deleted.',
    remedy: 'Nothing. The deletion tells what became of the record at the destination.',
  },
  segment_exited: {
    meaning: 'The profile left the activated segments before it was sent.',
    remedy: 'Nothing.',
  },
} as const satisfies Record<string, Reason>;

export type ExclusionReason = keyof typeof exclusionReasons;

/** Why a record could not be written, where it is Headrace that found out; each says who acts. */
export const failureReasons = {
  no_match: {
    meaning: 'No record at the destination has the match key, and the dataflow makes none.',
    remedy:
      'Whoever owns the records makes one with this key or corrects the key of the right one, then the failed members are retried here; or the dataflow is set to make records that are missing.',
  },
  several_matches: {
    meaning:
      'Several records at the destination have the match key, so that none can be told to be the person.',
    remedy:
      'Whoever owns the records merges those that the message names, or gives each its own key; then the failed members are retried here.',
  },
  lead_converted: {
    meaning:
      'The Lead was converted, and the Contact that it became is gone or hidden from the user of the account.',
    remedy:
      'An administrator of the org restores the Contact, or gives the user of the account access to it; then the failed members are retried here.',
  },
  campaign_gone: {
    meaning: 'The record was written, but the Campaign of a segment was deleted.',
    remedy:
      'An administrator of the org restores the Campaign from the recycle bin, and the failed members are retried here; or the segment is deactivated and activated again here, which makes a new one.',
  },
  parent_failed: {
    meaning: 'The record that it belongs to, such as an Account, could not be written.',
    remedy: 'Mend what the message says of that record; whoever belongs to it goes on by itself then.',
  },
} as const satisfies Record<string, Reason>;

const known: ReadonlyMap<string, Reason> = new Map(
  [...Object.entries(exclusionReasons), ...Object.entries(failureReasons), ...Object.entries(errorCodes)].map(
    ([code, { meaning, remedy }]): [string, Reason] => [code, { meaning, remedy }],
  ),
);

/**
 * What the code of an exclusion, of a failure or of what still waits means, and what a person can do.
 * @param outcome.message what was said with a code that is in no table: the destination's own, or why it waits.
 */
export function explainReason(outcome: {
  readonly status: string;
  readonly code: string;
  readonly message: string | null;
}): Reason {
  const { status, code, message } = outcome;
  return (
    known.get(code) ?? {
      meaning: message ?? 'The destination gave no explanation.',
      remedy:
        status === 'pending'
          ? 'Nothing: it is tried again by itself.'
          : 'Correct the value in the source and send the record again; it is delivered then.',
    }
  );
}
