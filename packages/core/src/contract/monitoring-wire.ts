import Type from 'typebox';
import { dataflowCountsWire } from './dataflow-wire.ts';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireLimit,
  wireNullable,
  wireObject,
  wirePage,
  wirePlaceQuery,
} from './wire.ts';

const { activated, excluded, failed, pending } = dataflowCountsWire.properties;

const run = {
  run_id: wireId('Of the run.'),
  started_at: wireInstant('The hour in which its changes became due.'),
  status: wireChoice(['processing', 'completed'], 'processing: the hour or a delivery goes on.'),
  duration_ms: wireCount('Until it was completed, an hour at least; else until now.'),
  received: wireCount('Changes that became due; received = activated + excluded + failed + pending.'),
  activated,
  excluded,
  failed,
  pending,
  activation_rate: wireNullable(
    Type.Number({ minimum: 0, maximum: 1, description: 'Activated of received; null where nothing was.' }),
  ),
};
export const dataflowRunWire = wireObject(run, { title: 'Dataflow run' });
export type DataflowRunWire = Wire<typeof dataflowRunWire>;
export const dataflowRunListWire = wirePage(
  dataflowRunWire,
  'Dataflow runs of the last 90 days, newest first',
);
export const dataflowRunsQuery = wireObject({
  failures_only: Type.Optional(Type.Boolean({ description: 'Only runs with failures.' })),
  since: Type.Optional(wireInstant('Only hours that began at or after this instant.')),
  until: Type.Optional(wireInstant('Only hours that began before this instant.')),
  after: Type.Optional(wireId('Read on behind this run: `next_after` of the page before.')),
  limit: wireLimit(),
});

const reasonText = {
  code: Type.String(),
  meaning: Type.String({ description: 'What it means.' }),
  remedy: Type.String({ description: 'What a person can do about it.' }),
};
export const runReasonWire = wireObject(
  {
    status: wireChoice(['excluded', 'failed'], 'Not sent, or refused by the destination.'),
    count: wireCount('Changes with this outcome.'),
    ...reasonText,
  },
  { title: 'Reason of a run' },
);
export const dataflowRunDetailWire = wireObject(
  {
    ...run,
    dataflow_id: wireId('Of the dataflow.'),
    account_id: wireId('Where it delivered to.'),
    updated_at: wireNullable(wireInstant('When the last of its changes came to an outcome.')),
    reasons: Type.Array(runReasonWire, {
      description: 'Why changes were not delivered, most frequent first: together excluded + failed.',
    }),
  },
  { title: 'Dataflow run with its reasons' },
);

const sentField = wireObject({
  field: Type.String({ description: 'As the destination calls it; @ and an id: a list of members.' }),
  value: Type.Optional(
    Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()], {
      description: 'Only for who may View Profiles. Null cleared the field, or took the record off the list.',
    }),
  ),
});
export const pastDeliveryPageWire = wirePage(
  wireObject(
    {
      settled_at: wireInstant('When it came to its outcome.'),
      status: wireChoice(['activated', 'excluded', 'failed'], 'The outcome.'),
      code: wireNullable(Type.String({ description: 'Reason or error code.' })),
      message: wireNullable(Type.String({ description: 'What the destination answered.' })),
      meaning: wireNullable(Type.String({ description: 'What the code means.' })),
      remedy: wireNullable(Type.String({ description: 'What a person can do about it.' })),
      record_id: wireNullable(Type.String({ description: 'Of the record at the destination.' })),
      created: wireNullable(Type.Boolean({ description: 'Whether the record was made by it.' })),
      sent: wireNullable(
        Type.Array(sentField, {
          description:
            'What was sent, by name of field; null where nothing was, and where the person was deleted.',
        }),
      ),
      batch_id: wireNullable(wireId('Of the calls made for it, see the log of calls; null where none was.')),
    },
    { title: 'Past delivery' },
  ),
  'What was sent of a profile and what became of it, newest first',
);
export type PastDeliveryWire = Wire<typeof pastDeliveryPageWire>['items'][number];
export const pastDeliveriesQuery = wireObject({
  status: Type.Optional(wireChoice(['activated', 'excluded', 'failed'], 'Only with this outcome.')),
  code: Type.Optional(Type.String({ maxLength: 200, description: 'Only with this code.' })),
  since: Type.Optional(wireInstant('Only what came to its outcome at or after this instant.')),
  ...wirePlaceQuery,
});
