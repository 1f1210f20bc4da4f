import Type from 'typebox';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireJsonObject,
  wireList,
  wireNullable,
  wireObject,
} from './wire.ts';

/** realized: entered; existing: stays in it; exited: has left. */
export const membershipStatusWire = wireChoice(
  ['realized', 'existing', 'exited'],
  'realized: is in the segment; existing: was and still is; exited: has left it.',
);

/** Null for a link that counts. */
export const linkCutWire = wireNullable(
  wireChoice(
    ['unlinked', 'graph_full'],
    'Why the link does not count: a person parted the two, or the graph was full.',
  ),
);

export const profileWire = wireObject(
  {
    profile_id: wireId('Of the profile.'),
    merge_policy_id: wireId('By which it is merged: the default, or the one asked for.'),
    version: wireCount('Raised by every change of the stored document.'),
    created_at: wireInstant('When the profile began.'),
    updated_at: wireInstant('When the stored document last changed.'),
    document: wireJsonObject('The merged view of the person, as the union schema describes it.'),
    provenance: Type.Array(
      wireObject({
        pointer: Type.String({
          description:
            'JSON pointer to a value of the document: a value that is no object, a list as a whole, or an identity of identityMap.',
        }),
        dataset_id: wireId('Whose record the value is from.'),
        namespace: Type.String({ description: 'Of the primary identity of the record.' }),
        value: Type.String({ description: 'The primary identity of the record.' }),
        record_id: Type.String(),
        batch_id: wireNullable(wireId('Of the batch that brought the record; null when it was streamed.')),
        stamp: wireInstant('When the source last updated the record.'),
        received_at: wireInstant('When the record was received.'),
      }),
      { description: 'Where each value of the document is from.' },
    ),
    identities: Type.Array(
      wireObject({
        namespace: Type.String(),
        value: Type.String(),
      }),
    ),
    segments: Type.Array(
      wireObject({
        segment_id: wireId('Of the segment.'),
        name: Type.String({ description: 'Of the segment.' }),
        status: membershipStatusWire,
        last_qualification_time: wireInstant('When it last entered or left.'),
      }),
      { description: 'By name of the segment. They follow the stored document, whatever the merge policy.' },
    ),
    fragments: Type.Array(
      wireObject({
        dataset_id: wireId('Whose record it is.'),
        namespace: Type.String(),
        value: Type.String(),
        record_id: Type.String(),
        batch_id: wireNullable(wireId('Of the batch that brought the record; null when it was streamed.')),
        stamp: wireInstant('When the source last updated the record.'),
        received_at: wireInstant('When the record was received.'),
        links: Type.Array(
          wireObject({
            namespace: Type.String(),
            value: Type.String(),
            first_seen: wireInstant('Stamp of the oldest record that carried it.'),
            last_seen: wireInstant('Stamp of the newest record that carried it.'),
            cut: linkCutWire,
          }),
          { description: 'Identities that its records linked to the primary one, itself among them.' },
        ),
        document: wireJsonObject('What that record says.'),
      }),
      { description: 'What each dataset says of the person.' },
    ),
  },
  { title: 'Profile' },
);
export type ProfileWire = Wire<typeof profileWire>;

const identityValue = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: 'An identity, as any source writes it.',
});
const mergePolicy = {
  merge_policy_id: Type.Optional(
    wireId(
      'Merge by this policy instead of the default. One that joins no identities needs an identity, too.',
    ),
  ),
};
export const profilesQuery = wireObject({
  namespace: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Code of an identity namespace; every namespace where it is left out.',
    }),
  ),
  value: identityValue,
  ...mergePolicy,
});
export const profileQuery = wireObject({
  namespace: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Of the identity that a policy views alone.' }),
  ),
  value: Type.Optional(identityValue),
  ...mergePolicy,
});
export const profileListWire = wireList(profileWire, 'Profiles that the identity belongs to');
export const profileCountWire = wireObject(
  {
    count: wireCount('Profiles.'),
    is_estimate: Type.Boolean({
      description: 'Beyond a million it is counted in a sample of 1/16, which is right to one per cent.',
    }),
  },
  { title: 'Number of profiles' },
);
