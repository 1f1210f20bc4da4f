import Type from 'typebox';
import { membershipStatusWire } from './profile-wire.ts';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireList,
  wireName,
  wireNullable,
  wireObject,
  wirePage,
  wirePageQuery,
  wireText,
} from './wire.ts';

const expression = Type.String({
  minLength: 1,
  maxLength: 20_000,
  description: 'PQL text over the union schema, for example `loyalty.points > 100`.',
});

export const newSegmentWire = wireObject(
  {
    name: wireName('Unique among segments.'),
    description: Type.Optional(wireText('What it is for.')),
    expression,
    state: Type.Optional(
      wireChoice(['draft', 'published'], 'A draft is checked, but not evaluated. Published when left out.'),
    ),
  },
  { title: 'New segment' },
);

const stateWords = ['draft', 'published', 'inactive'] as const;
const state = wireChoice(
  stateWords,
  'Only published segments are evaluated; an inactive one keeps its memberships as they were.',
);

export const segmentChangeWire = wireObject(
  {
    name: Type.Optional(wireName('Unique among segments.')),
    description: Type.Optional(wireText('What it is for.')),
    expression: Type.Optional({
      ...expression,
      description:
        'PQL text. Of a published segment it takes force for everyone at once, as soon as everyone has been evaluated by it.',
    }),
    state: Type.Optional(state),
  },
  { title: 'Change of a segment' },
);

const segment = {
  segment_id: wireId('Of the segment.'),
  name: Type.String(),
  description: Type.String(),
  expression,
  edited_expression: wireNullable(
    Type.String({
      description:
        'Of a published segment whose rule was edited: takes the place of `expression` as soon as everyone has been evaluated by it.',
    }),
  ),
  state,
  evaluated_at: wireNullable(
    wireInstant('When everyone had been evaluated; null while that is still going on.'),
  ),
  created_at: wireInstant('When it was created.'),
};
export const segmentWire = wireObject(segment, { title: 'Segment' });
export type SegmentWire = Wire<typeof segmentWire>;
export const segmentListWire = wireList(segmentWire, 'Segments');

export const segmentJobWire = wireObject(
  {
    segment_job_id: wireId('Of the evaluation.'),
    segment_id: wireId('Of the segment that is evaluated over everyone.'),
    status: wireChoice(
      ['QUEUED', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
      'FAILED: its last step failed, and is tried again. CANCELLED: somebody ended it, or a later one began from the start.',
    ),
    kind: wireChoice(
      ['evaluation', 'edit'],
      'edit: of a rule that was edited, and of those that look at its segment, before it takes force.',
    ),
    percent_done: Type.Integer({ minimum: 0, maximum: 100 }),
    profiles_done: wireCount('Profiles evaluated so far.'),
    realized: wireCount('Profiles that entered the segment by it so far.'),
    exited: wireCount('Profiles that left the segment by it so far.'),
    error: wireNullable(Type.String({ description: 'Why it is FAILED.' })),
    started_at: wireInstant('When it was asked for.'),
    finished_at: wireNullable(wireInstant('When it ended.')),
  },
  { title: 'Evaluation of a segment' },
);
export type SegmentJobWire = Wire<typeof segmentJobWire>;
export const segmentJobListWire = wireList(segmentJobWire, 'Evaluations of segments, the newest first');

export const segmentScheduleWire = wireObject(
  {
    cron: Type.String({
      description: 'Minute, hour, day, month and day of the week, in UTC; at most one time in 24 hours.',
    }),
    state: wireChoice(['active', 'inactive'], 'Whether it is followed.'),
    next_run: wireNullable(
      wireInstant('When every published segment is evaluated next; null while inactive.'),
    ),
  },
  { title: 'Schedule of segments' },
);
export const segmentScheduleChangeWire = wireObject(
  {
    cron: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Five fields, in UTC, such as `0 3 * * *`; at most one time in 24 hours.',
      }),
    ),
    state: Type.Optional(wireChoice(['active', 'inactive'], 'Whether it is followed.')),
  },
  { title: 'Change of the schedule of segments' },
);

export const segmentCountsQuery = wireObject({
  since: Type.Optional(wireInstant('From then on; 30 days ago when left out, no longer than 400 days ago.')),
});
export const segmentCountsWire = wireList(
  wireObject({
    hour: wireInstant('The hour, UTC, in which members changed.'),
    entered: wireCount('Profiles that entered in it.'),
    left: wireCount('Profiles that left in it, merged and deleted ones too.'),
    members: wireCount('Members at its end.'),
  }),
  'Members of a segment over time, the oldest hour first',
);

export const segmentHistoryWire = wireList(
  wireObject({
    segment_id: wireId('Of the segment.'),
    status: membershipStatusWire,
    since: wireInstant('When it became so.'),
    until: wireInstant('When it became otherwise.'),
  }),
  'Past memberships of a profile, the newest first',
);

export const segmentDependentsWire = wireObject(
  {
    dataflows: Type.Array(wireObject({ dataflow_id: wireId('Of the dataflow.'), name: Type.String() })),
    segments: Type.Array(wireObject({ segment_id: wireId('Of the segment.'), name: Type.String(), state })),
  },
  { title: 'What relies on a segment' },
);

export const segmentDetailWire = wireObject(
  {
    ...segment,
    meaning: Type.String({ description: 'What the expression says, in English.' }),
    counts: wireObject({
      realized: wireCount('Profiles that are in it.'),
      existing: wireCount('Profiles that were and still are in it.'),
      exited: wireCount('Profiles that have left it.'),
    }),
    evaluation: wireNullable(segmentJobWire),
    edit: wireNullable(
      wireObject(
        {
          meaning: Type.String({ description: 'What the edited expression says, in English.' }),
          evaluation: segmentJobWire,
        },
        { title: 'Edit of a segment' },
      ),
    ),
  },
  { title: 'Segment with its counts' },
);

export const segmentMembersQuery = wireObject({
  status: Type.Optional(membershipStatusWire),
  identity: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '\\S',
      description: 'Only profiles with this identity, as any source writes it, or with one that begins so.',
    }),
  ),
  ...wirePageQuery,
});
export const segmentMemberPageWire = wirePage(
  wireObject({
    profile_id: wireId('Of the member.'),
    status: membershipStatusWire,
    last_qualification_time: wireInstant('When it last entered.'),
  }),
  'Members of a segment',
);

export const expressionWire = wireObject({ expression }, { title: 'Expression' });
export const expressionFactsWire = wireObject(
  {
    description: Type.String({ description: 'What the expression says, in English.' }),
    reads: wireObject({
      fields: Type.Array(Type.String(), { description: 'Of profiles: paths with dots.' }),
      event_fields: Type.Array(Type.String(), { description: 'Of events; empty when it looks at none.' }),
      lookback_days: wireNullable(
        Type.Number({ description: 'How far back it looks at events; null when at all, or at none.' }),
      ),
      segments: Type.Array(wireId('Of a segment that it looks at.')),
    }),
    changes_with_time: wireObject({
      at_instants: Type.Boolean({ description: 'At instants of its own for each profile.' }),
      when_a_day_begins: Type.Boolean({ description: 'For everyone at once, in UTC.' }),
    }),
    evaluated_in: wireChoice(
      ['sql', 'sql_then_javascript', 'javascript'],
      'By what it is evaluated over everyone, the cheapest first. With every change JavaScript evaluates it.',
    ),
  },
  { title: 'What an expression says and takes' },
);

export const segmentEstimateWire = wireObject(
  {
    size: wireCount('Profiles that fulfil the expression.'),
    is_exact: Type.Boolean({ description: 'All profiles were looked at; else a random sample was.' }),
    confidence_interval: wireObject({
      low: wireCount('At least so many,'),
      high: wireCount('and at most so many,'),
      level: Type.Number({ description: 'with this confidence.' }),
    }),
    profiles_read: wireCount('Profiles that were looked at.'),
    total: wireCount('Profiles there are.'),
  },
  { title: 'Estimate of a segment' },
);

export const segmentTestWire = wireObject(
  {
    expression,
    profile_id: Type.Optional(wireId('Of the profile to try it on.')),
    identity: Type.Optional(
      wireObject({
        namespace: Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'Code of an identity namespace.',
        }),
        value: Type.String({
          minLength: 1,
          maxLength: 1_000,
          description:
            'An identity of the profile to try it on, as any source writes it, in place of `profile_id`.',
        }),
      }),
    ),
    now: Type.Optional(wireInstant('The instant that `now` stands for; the present when left out.')),
  },
  { title: 'Test of an expression' },
);

/** Deep, so that the wire says the shape of one level only: `children` are of the same. */
export const segmentTestAnswerWire = wireObject(
  {
    result: Type.Boolean({ description: 'Whether the profile qualifies.' }),
    evaluated_at: wireInstant('The instant that `now` stands for.'),
    holds_until: wireNullable(
      wireInstant(
        'The next instant at which the result may change by time alone; null when there is none but the beginning of a day.',
      ),
    ),
    meaning: Type.String({ description: 'What the expression says, in English.' }),
    trace: Type.Unknown({
      description:
        'Every part of the expression as `{text, span: {start, end}, value, children, more}`: what it yielded, what was evaluated for it, and for how many further items.',
    }),
  },
  { title: 'Result of a test' },
);
