import Type from 'typebox';
import { dataflowCountsWire } from './dataflow-wire.ts';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireList,
  wireNullable,
  wireObject,
  wirePage,
  wirePageQuery,
} from './wire.ts';

const choices = {
  mapping_id: wireNullable(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'What the segment is called at the destination, for example a field or a campaign.',
    }),
  ),
  on_exit: wireChoice(
    ['write_status', 'remove', 'nothing'],
    'What becomes of an exit there: it is written (the default), the profile is taken off the list, or nothing.',
  ),
  starts_at: wireNullable(wireInstant('Members are kept there from then on; null: at once.')),
  ends_at: wireNullable(wireInstant('From then on everyone counts as having left; null: never.')),
};
const { mapping_id, on_exit, starts_at, ends_at } = choices;
const optional = {
  mapping_id: Type.Optional(mapping_id),
  on_exit: Type.Optional(on_exit),
  starts_at: Type.Optional(starts_at),
  ends_at: Type.Optional(ends_at),
};

export const newActivationWire = wireObject(
  { segment_id: wireId('Whose members the dataflow shall keep at the destination.'), ...optional },
  { title: 'New activation' },
);
export const activationPatchWire = wireObject(optional, { title: 'Change of an activation' });
export type ActivationPatchWire = Wire<typeof activationPatchWire>;

const { pending, activated, excluded, failed } = dataflowCountsWire.properties;

const reasonWire = wireObject(
  {
    status: wireChoice(['excluded', 'failed', 'pending'], 'pending: what a retry waits for.'),
    code: Type.String(),
    count: wireCount('Members with this reason.'),
    meaning: Type.String({ description: 'What it means.' }),
    remedy: Type.String({ description: 'What a person can do about it.' }),
  },
  { title: 'Reason' },
);
export const reasonListWire = wireList(
  reasonWire,
  'Why members are not at the destination, most frequent first',
);

export const activationWire = wireObject(
  {
    segment_id: wireId('Of the activated segment.'),
    name: Type.String(),
    ...choices,
    status: wireChoice(['scheduled', 'active', 'ended'], 'By starts_at and ends_at.'),
    profiles: wireCount('Members of the segment now.'),
    pending,
    activated,
    excluded,
    failed,
    is_estimate: Type.Boolean({
      description: 'Too many to count in two seconds: counted in a part, and multiplied.',
    }),
    reasons: Type.Array(reasonWire, {
      description:
        'Why members are not at the destination: together excluded and failed, and what waits for a retry.',
    }),
    last_activated_at: wireNullable(wireInstant('When one of its members was last activated.')),
    activated_at: wireInstant('When it was activated.'),
    backfilled_at: wireNullable(
      wireInstant('When everyone already in the segment had been marked for delivery; null until then.'),
    ),
  },
  { title: 'Activation data' },
);
export const activationListWire = wireList(activationWire, 'Activation data per segment');

export const recordStatusWire = wireChoice(
  ['pending', 'activated', 'excluded', 'failed', 'exited'],
  'exited: is in no activated segment any more.',
);
export const supersededRecordIdsWire = Type.Array(Type.String(), {
  description:
    'Records of profiles that were merged into this one. They are written no longer; merge or delete them at the destination, or split the profile.',
});
export const supersededRecordsWire = Type.Array(
  wireObject({
    record_id: wireId('Of the record at the destination.'),
    exit: wireNullable(
      wireChoice(
        ['pending', 'done', 'failed'],
        'done: it was told that its person has left, as far as that was chosen; null: this dataflow told it of nothing.',
      ),
    ),
    code: wireNullable(Type.String({ description: 'Of what failed, or why it waits.' })),
    message: wireNullable(Type.String()),
  }),
  { description: 'Those of superseded_record_ids, with what became of their exit.' },
);
export const dataflowRecordPageWire = wirePage(
  wireObject(
    {
      profile_id: wireId('Of the profile.'),
      status: recordStatusWire,
      code: wireNullable(Type.String({ description: 'Reason or error code.' })),
      message: wireNullable(Type.String()),
      record_id: wireNullable(Type.String({ description: 'Of the record at the destination.' })),
      superseded_record_ids: supersededRecordIdsWire,
      superseded_records: supersededRecordsWire,
      attempts: wireCount('Tries of the present change so far.'),
      due_at: wireNullable(wireInstant('When delivery looks at it again.')),
      settled_at: wireNullable(wireInstant('When it last came to an outcome.')),
    },
    { title: 'Record of a dataflow' },
  ),
  'Records of a dataflow, by profile id',
);
export const dataflowRecordsQuery = wireObject({
  status: Type.Optional(recordStatusWire),
  code: Type.Optional(Type.String({ maxLength: 200, description: 'Only records with this code.' })),
  ...wirePageQuery,
});

export const retryWire = wireObject(
  { status: wireChoice(['failed', 'excluded'], 'Which members to look at again.') },
  { title: 'Retry' },
);
export const retryAnswerWire = wireObject({ marked: wireCount('Members marked.') }, { title: 'Retried' });

const verificationCounts = {
  activated: wireCount('Members that count as activated and have a record to compare.'),
  found: wireCount('Records the destination holds for them.'),
  equal: wireCount('Of those, records that hold the mapped values.'),
  different: wireCount('Of those, records that hold other values.'),
  missing: wireCount('Members without a record at the destination.'),
};
export const verificationWire = wireObject(
  {
    ...verificationCounts,
    segments: Type.Array(wireObject({ segment_id: wireId('Of the segment.'), ...verificationCounts })),
  },
  { title: 'Verification', description: 'What reading the destination back found.' },
);
