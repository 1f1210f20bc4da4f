import Type from 'typebox';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireName,
  wireNullable,
  wireObject,
  wirePage,
  wirePageQuery,
} from './wire.ts';

export const dataflowDeletionPreviewWire = wireObject(
  {
    name: Type.String({ description: 'To be repeated as `confirm`.' }),
    members: wireCount('Profiles in at least one activated segment.'),
    records: wireCount('Records at the destination that it wrote to; all of them stay by default.'),
    created: wireCount('Of them, those that it made: what `delete_created` deletes.'),
    kept_elsewhere: wireCount('Of them, those that it made and another dataflow keeps, too; they stay.'),
    is_estimate: Type.Boolean({
      description: 'Too many to count in two seconds: counted in a part, and multiplied.',
    }),
  },
  { title: 'Consequences of deleting a dataflow' },
);

const at_destination = wireChoice(
  ['keep', 'delete_created'],
  'keep: records stay as they are; delete_created: those that the dataflow made are deleted there, those it found stay.',
);

export const newDataflowDeletionWire = wireObject(
  {
    confirm: wireName('The name of the dataflow, to show that its deletion is meant.'),
    at_destination: Type.Optional(at_destination),
  },
  { title: 'New deletion of a dataflow' },
);

export const dataflowDeletionWire = wireObject(
  {
    dataflow_id: wireId('Of the dataflow.'),
    account_id: wireId('Where it delivered to.'),
    name: Type.String(),
    at_destination,
    status: wireChoice(['processing', 'completed'], 'completed: the dataflow is gone.'),
    requested_at: wireInstant('When it was asked for.'),
    finished_at: wireNullable(wireInstant('When the dataflow was gone.')),
    records_deleted: wireCount('Records deleted at the destination.'),
    records_absent: wireCount('Records that were gone already.'),
    records_failed: wireCount('Records that the destination refuses to delete; they stay.'),
    failure_code: wireNullable(Type.String({ description: 'Of the last of those.' })),
    percent_done: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Of its own rows, which go after the records.',
    }),
  },
  { title: 'Deletion of a dataflow' },
);
export type DataflowDeletionWire = Wire<typeof dataflowDeletionWire>;
export const dataflowDeletionPageWire = wirePage(
  dataflowDeletionWire,
  'Deletions of dataflows, newest first',
);
export const dataflowDeletionsQuery = wireObject(wirePageQuery);

export const accountDeletedWire = wireObject({ account_id: wireId('Of the account that is gone.') });
