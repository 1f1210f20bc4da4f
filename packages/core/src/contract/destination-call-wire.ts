import Type from 'typebox';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireNullable,
  wireObject,
  wirePage,
  wirePlaceQuery,
} from './wire.ts';

const purposes = ['sign_in', 'describe', 'deliver', 'read', 'delete', 'test'] as const;

export const destinationCallsQuery = wireObject({
  purpose: Type.Optional(wireChoice(purposes, 'Only calls made for this.')),
  outcome: Type.Optional(
    wireChoice(['succeeded', 'failed'], 'failed: refused, or without a readable answer.'),
  ),
  code: Type.Optional(Type.String({ maxLength: 200, description: 'Only calls with this error code.' })),
  dataflow_id: Type.Optional(wireId('Only calls for this dataflow.')),
  batch_id: Type.Optional(wireId('Only calls for this batch.')),
  since: Type.Optional(wireInstant('Only calls made at or after this instant.')),
  until: Type.Optional(wireInstant('Only calls made before this instant.')),
  ...wirePlaceQuery,
});
export type DestinationCallsQuery = Wire<typeof destinationCallsQuery>;

export const destinationCallPageWire = wirePage(
  wireObject(
    {
      started_at: wireInstant('When it was sent.'),
      purpose: wireChoice(purposes, 'What it was made for.'),
      method: Type.String(),
      path: Type.String({ description: 'Without values: literals and keys are ?, ids of records stay.' }),
      status: wireNullable(Type.Integer({ description: 'Of the answer; null when none came.' })),
      was_sent: Type.Boolean({ description: 'False when it is certain that nothing of it left.' }),
      code: wireNullable(
        Type.String({
          description: 'Error code of the destination, or why no answer came; null on success.',
        }),
      ),
      duration_ms: Type.Number({ minimum: 0, description: 'Until its answer was read.' }),
      request_bytes: wireCount('Of the body as it was sent.'),
      response_bytes: wireCount('Of the body of the answer, unpacked.'),
      records: wireNullable(wireCount('Records written, read by id or deleted by it.')),
      usage: wireNullable(
        wireObject(
          { used: wireCount('Calls of the last 24 hours.'), allowed: wireCount('Calls allowed in them.') },
          { description: 'What the destination said of its own limit.' },
        ),
      ),
      dataflow_id: wireNullable(wireId('The dataflow it was made for.')),
      batch_id: wireNullable(wireId('The batch it was made for: its records name it, too.')),
    },
    { title: 'Call to a destination' },
  ),
  'Calls to a destination, newest first',
);
export type DestinationCallWire = Wire<typeof destinationCallPageWire>['items'][number];
