import Type from 'typebox';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireJsonObject,
  wireList,
  wireObject,
} from './wire.ts';

/** realized: entered; existing: stays in it; exited: has left. */
export const membershipStatusWire = wireChoice(
  ['realized', 'existing', 'exited'],
  'realized: is in the segment; existing: was and still is; exited: has left it.',
);

export const profileWire = wireObject(
  {
    profile_id: wireId('Of the profile.'),
    document: wireJsonObject('The merged view of the person, as the union schema describes it.'),
    identities: Type.Array(
      wireObject({
        namespace: Type.String(),
        value: Type.String(),
        dataset_id: wireId('Whose record first carried it.'),
        linked_at: wireInstant('When it was first seen.'),
      }),
    ),
    segments: Type.Array(wireObject({ segment_id: wireId('Of the segment.'), status: membershipStatusWire })),
    fragments: Type.Array(
      wireObject({
        dataset_id: wireId('Whose record it is.'),
        namespace: Type.String(),
        value: Type.String(),
        record_id: Type.String(),
        stamp: wireInstant('When the source last updated the record.'),
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
