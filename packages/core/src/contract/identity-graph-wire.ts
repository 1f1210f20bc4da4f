import Type from 'typebox';
import { linkCutWire } from './profile-wire.ts';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireNullable,
  wireObject,
  wirePage,
} from './wire.ts';

const identity = {
  namespace: Type.String({ minLength: 1, maxLength: 100, description: 'Code of an identity namespace.' }),
  value: Type.String({
    minLength: 1,
    maxLength: 1024,
    description: 'The identity, as any source writes it.',
  }),
};
const identityWire = wireObject(identity);

export const identityPairWire = wireObject(
  { identities: Type.Array(identityWire, { minItems: 2, maxItems: 2 }) },
  { title: 'Pair of identities' },
);
export const newSplitWire = wireObject(
  {
    identities: Type.Array(identityWire, {
      minItems: 1,
      maxItems: 50,
      description: 'Identities of the profile to be parted from its others.',
    }),
  },
  { title: 'Split' },
);

const placement = wireObject({
  ...identity,
  profile_id: wireNullable(wireId('The profile that holds it now; null when none does.')),
});
const recordOf = {
  dataset_id: wireId('Whose record it is.'),
  record_id: Type.String({ description: 'Of the newest record; empty for events.' }),
  batch_id: wireNullable(wireId('Of the batch that brought it; null when it was streamed.')),
};

export const pairOutcomeWire = wireObject(
  {
    identities: Type.Array(placement),
    connected: Type.Boolean({ description: 'Whether other records still make one person of the two.' }),
    connected_by: Type.Array(wireObject({ primary: identityWire, ...recordOf }), {
      description: 'The fewest records that connect the two, in order from one to the other.',
    }),
  },
  { title: 'What became of a pair' },
);
export const splitOutcomeWire = wireObject(
  { identities: Type.Array(placement) },
  { title: 'Where the identities of a profile are after a split' },
);

export const identityGraphWire = wireObject(
  {
    profile_id: wireId('Of the profile.'),
    identities: Type.Array(
      wireObject({
        ...identity,
        id_type: wireNullable(Type.String({ description: 'Kind of the namespace.' })),
        held: Type.Boolean({ description: 'False for one whose every link is cut: it is not the person’s.' }),
      }),
    ),
    links: Type.Array(
      wireObject({
        primary: identityWire,
        linked: identityWire,
        ...recordOf,
        first_seen: wireInstant('Stamp of the oldest record that linked the two.'),
        last_seen: wireInstant('Stamp of the newest record that linked the two.'),
        cut: linkCutWire,
      }),
      { description: 'Each pair that a record of a dataset linked, and where the link came from.' },
    ),
  },
  { title: 'Identity graph' },
);
export type IdentityGraphWire = Wire<typeof identityGraphWire>;

export const newDeletionWire = wireObject(
  {
    at_destinations: wireChoice(
      ['keep', 'delete'],
      'keep: records at destinations stay as they are and are never written again; delete: they are deleted there, too.',
    ),
  },
  { title: 'New deletion of a person' },
);
export const profileDeletionWire = wireObject(
  {
    profile_deletion_id: wireId('Of the request.'),
    profile_id: wireId('Of the profile that was deleted.'),
    at_destinations: newDeletionWire.properties.at_destinations,
    status: wireChoice(
      ['processing', 'completed'],
      'processing: deleted here; destinations are still to be seen to, or a request to one is under way.',
    ),
    requested_at: wireInstant('When it was asked for; the profile was deleted then.'),
    finished_at: wireNullable(wireInstant('When destinations had been seen to, too.')),
    fragments: wireCount('Fragments deleted.'),
    events: wireCount('Events deleted.'),
    records: Type.Array(
      wireObject({
        account_id: wireId('Of the account at the destination.'),
        object: Type.String(),
        record_id: Type.String({ description: 'Of the record at the destination.' }),
        outcome: wireChoice(
          ['kept', 'deleted', 'absent', 'failed'],
          'absent: it was gone already; failed: the destination refuses, delete it there.',
        ),
        code: wireNullable(Type.String({ description: 'The destination’s own code.' })),
      }),
      { description: 'What became of the person’s records; empty until it is completed.' },
    ),
  },
  { title: 'Deletion of a person' },
);
export type ProfileDeletionWire = Wire<typeof profileDeletionWire>;
export const profileDeletionPageWire = wirePage(profileDeletionWire, 'Deletions of people, newest first');
