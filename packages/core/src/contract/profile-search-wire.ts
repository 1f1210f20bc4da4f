import Type from 'typebox';
import { recordStatusWire, supersededRecordIdsWire, supersededRecordsWire } from './activation-wire.ts';
import {
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireLimit,
  wireList,
  wireNullable,
  wireObject,
  wirePage,
  wirePageQuery,
} from './wire.ts';

const summary = {
  profile_id: wireId('Of the profile.'),
  name: wireNullable(Type.String({ description: 'What the person is called; null where no dataset says.' })),
  created_at: wireInstant('When the profile began.'),
  updated_at: wireInstant('When its document last changed.'),
};
const profileSummaryWire = wireObject(summary, { title: 'Profile in short' });
export const profilePageWire = wirePage(profileSummaryWire, 'Profiles, by id');
export const browseQuery = wireObject({
  segment_id: Type.Optional(wireId('Only members of this segment.')),
  ...wirePageQuery,
});

const lookOn = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

export const searchQuery = wireObject({
  text: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '\\S',
    description: 'An identity as any source writes it, its beginning, or words of a name.',
  }),
  after: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,9}-[0-9]{1,4}$',
      description: 'Go on comparing names: `next_after` of the answer before.',
    }),
  ),
});
export const searchAnswerWire = wireObject(
  {
    items: Type.Array(
      wireObject({
        ...summary,
        matched: wireChoice(
          ['identity', 'identity_prefix', 'name'],
          'identity: the text is one of its identities; identity_prefix: one begins with it; name: its name holds each word.',
        ),
        namespace: wireNullable(Type.String({ description: 'Of the identity that matched.' })),
        value: wireNullable(Type.String({ description: 'The identity that matched.' })),
      }),
      { description: 'The best matches, each profile once.' },
    ),
    profiles_looked_at: wireCount('Profiles whose name was compared, for this answer.'),
    next_after: lookOn(
      'Pass it as `after` to compare more names; null when every name was compared. They are read for a limited time.',
    ),
  },
  { title: 'Profiles found' },
);

export const profileFilterWire = wireObject(
  {
    expression: Type.String({
      minLength: 1,
      maxLength: 20_000,
      description: 'PQL text over the union schema, for example `loyalty.points > 100`.',
    }),
    after: wirePageQuery.after,
    limit: wireLimit('Stop at this many matches.'),
  },
  { title: 'Filter of profiles' },
);
export const profileFilterAnswerWire = wireObject(
  {
    items: Type.Array(profileSummaryWire, { description: 'Profiles that fulfil the expression, by id.' }),
    profiles_looked_at: wireCount('Profiles the expression was tried on, for this answer.'),
    next_after: lookOn('Pass it as `after` to look on; null when every profile was looked at.'),
  },
  { title: 'Profiles that fulfil an expression' },
);

export const profileActivationListWire = wireList(
  wireObject(
    {
      dataflow_id: wireId('Of the dataflow.'),
      name: Type.String({ description: 'Of the dataflow.' }),
      segment_ids: Type.Array(wireId('Of a segment.'), {
        description: 'Activated segments that the person is in now.',
      }),
      status: recordStatusWire,
      reason: wireNullable(
        wireObject({
          code: Type.String(),
          meaning: Type.String({ description: 'What it means.' }),
          remedy: Type.String({ description: 'What a person can do about it.' }),
        }),
      ),
      record_id: wireNullable(Type.String({ description: 'Of the record at the destination.' })),
      superseded_record_ids: supersededRecordIdsWire,
      superseded_records: supersededRecordsWire,
      attempts: wireCount('Tries of the present change so far.'),
      due_at: wireNullable(wireInstant('When delivery looks at it again.')),
      settled_at: wireNullable(wireInstant('When it last came to an outcome.')),
    },
    { title: 'Activation of a profile' },
  ),
  'What became of the profile at each dataflow, by name',
);
