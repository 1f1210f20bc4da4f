import Type from 'typebox';
import { membershipStatusWire } from './profile-wire.ts';
import {
  type Wire,
  wireCount,
  wireId,
  wireInstant,
  wireList,
  wireName,
  wireNullable,
  wireObject,
  wirePage,
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
  },
  { title: 'New segment' },
);

const segment = {
  segment_id: wireId('Of the segment.'),
  name: Type.String(),
  description: Type.String(),
  expression,
  evaluated_at: wireNullable(
    wireInstant('When everyone had been evaluated; null while that is still going on.'),
  ),
  created_at: wireInstant('When it was created.'),
};
export const segmentWire = wireObject(segment, { title: 'Segment' });
export type SegmentWire = Wire<typeof segmentWire>;
export const segmentListWire = wireList(segmentWire, 'Segments');

export const segmentDetailWire = wireObject(
  {
    ...segment,
    meaning: Type.String({ description: 'What the expression says, in English.' }),
    counts: wireObject({
      realized: wireCount('Profiles that are in it.'),
      existing: wireCount('Profiles that were and still are in it.'),
      exited: wireCount('Profiles that have left it.'),
    }),
  },
  { title: 'Segment with its counts' },
);

export const segmentMemberPageWire = wirePage(
  wireObject({
    profile_id: wireId('Of the member.'),
    status: membershipStatusWire,
    last_qualification_time: wireInstant('When it last entered.'),
  }),
  'Members of a segment',
);

export const expressionWire = wireObject({ expression }, { title: 'Expression' });
export const expressionMeaningWire = wireObject(
  { description: Type.String({ description: 'What the expression says, in English.' }) },
  { title: 'Meaning of an expression' },
);
