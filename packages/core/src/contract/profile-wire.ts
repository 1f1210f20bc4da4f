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
    document: wireJsonObject('The merged view of the person, as the union schema describes it.'),
    identities: Type.Array(
      wireObject({
        namespace: Type.String(),
        value: Type.String(),
      }),
    ),
    segments: Type.Array(wireObject({ segment_id: wireId('Of the segment.'), status: membershipStatusWire })),
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

export const profilesQuery = wireObject({
  namespace: Type.String({ minLength: 1, maxLength: 100, description: 'Code of an identity namespace.' }),
  value: Type.String({
    minLength: 1,
    maxLength: 1024,
    description: 'The identity, as any source writes it.',
  }),
});
export const profileListWire = wireList(profileWire, 'The profile of an identity, or none');
export const profileCountWire = wireObject(
  { count: wireCount('Profiles.') },
  { title: 'Number of profiles' },
);
