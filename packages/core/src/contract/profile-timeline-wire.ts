import Type from 'typebox';
import {
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireJsonObject,
  wireLimit,
  wireNullable,
  wireObject,
  wirePage,
} from './wire.ts';

export const profileEventsQuery = wireObject({
  dataset_id: Type.Optional(wireId('Only events of this dataset.')),
  event_type: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Only events with this `eventType`.' }),
  ),
  from: Type.Optional(wireInstant('Only events at or after this instant.')),
  to: Type.Optional(wireInstant('Only events before this instant.')),
  after: Type.Optional(
    Type.String({ maxLength: 10_000, description: 'Read on: `next_after` of the page before.' }),
  ),
  limit: wireLimit(),
});
export const profileEventPageWire = wirePage(
  wireObject(
    {
      event_id: Type.String(),
      dataset_id: wireId('Whose record it is.'),
      at: wireInstant('When it happened.'),
      event_type: wireNullable(Type.String()),
      namespace: Type.String({ description: 'Of the primary identity of the event.' }),
      value: Type.String({ description: 'The primary identity of the event.' }),
      batch_id: wireNullable(wireId('Of the batch that brought it; null when it was streamed.')),
      document: wireJsonObject('The event, as its schema describes it.'),
    },
    { title: 'Event of a profile' },
  ),
  'Events of a profile, newest first',
);

export const profileHistoryQuery = wireObject({
  after: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Read on behind this version: `next_after` of the page before.',
    }),
  ),
  limit: wireLimit(),
});
export const profileHistoryPageWire = wirePage(
  wireObject(
    {
      version: wireCount('Of the document, after the change.'),
      at: wireInstant('When it changed.'),
      kind: wireChoice(
        ['created', 'changed', 'merged', 'split'],
        'merged: another profile went into it; split: a part of it became another profile.',
      ),
      changes: Type.Array(
        wireObject({
          pointer: Type.String({
            description: 'JSON pointer to the field; the empty one stands for further fields that changed.',
          }),
          before: Type.Optional(Type.Unknown({ description: 'Absent where it had no value.' })),
          after: Type.Optional(Type.Unknown({ description: 'Absent where it has no value now.' })),
          is_cut: Type.Boolean({ description: 'The values were too large to keep.' }),
        }),
      ),
    },
    { title: 'Change of a profile' },
  ),
  'History of a profile, newest first',
);
