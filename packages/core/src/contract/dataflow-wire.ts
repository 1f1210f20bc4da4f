import Type from 'typebox';
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
  wireText,
} from './wire.ts';

export const mappingWire = Type.Array(
  wireObject({
    source: Type.Union(
      [
        wireObject({
          attribute: Type.String({ minLength: 1, maxLength: 300, description: 'Path in the union schema.' }),
        }),
        wireObject({
          identity: Type.String({
            minLength: 1,
            maxLength: 100,
            description: 'Identity namespace; of several identities the one that was seen first.',
          }),
        }),
        wireObject({
          constant: Type.Union(
            [Type.String({ minLength: 1, maxLength: 2_000 }), Type.Number(), Type.Boolean()],
            {
              description: 'The same for every profile.',
            },
          ),
        }),
      ],
      { description: 'An attribute, an identity or a constant.' },
    ),
    target: Type.String({ minLength: 1, maxLength: 200, description: 'Name of a target field.' }),
    when_empty: Type.Optional(
      wireChoice(
        ['keep', 'clear'],
        'What becomes of the field where the profile has no value; keep by default.',
      ),
    ),
    overwrite: Type.Optional(
      wireChoice(
        ['always', 'if_empty'],
        'if_empty: only where the record holds nothing yet; always by default.',
      ),
    ),
  }),
  { minItems: 1, maxItems: 200, title: 'Mapping' },
);
export type MappingWire = Wire<typeof mappingWire>;
const details = Type.Record(Type.String(), Type.String({ maxLength: 2000 }), {
  description: 'The detail fields that the destination declares.',
});
export const detailsBodyWire = wireObject({ details }, { title: 'New details' });
export const mappingBodyWire = wireObject({ mapping: mappingWire }, { title: 'New mapping' });

export const newDataflowWire = wireObject(
  {
    account_id: wireId('Where it delivers to.'),
    name: wireName('Unique among dataflows.'),
    description: Type.Optional(wireText('What it is for.')),
    details: Type.Optional(details),
    mapping: mappingWire,
  },
  { title: 'New dataflow' },
);

/** members = pending + activated + excluded + failed. */
export const dataflowCountsWire = wireObject(
  {
    members: wireCount('Profiles in at least one activated segment.'),
    pending: wireCount('Still to be delivered.'),
    activated: wireCount('At the destination.'),
    excluded: wireCount('Not sent, for a reason.'),
    failed: wireCount('Refused by the destination.'),
  },
  { title: 'Counts', description: 'members = pending + activated + excluded + failed' },
);

const dataflow = {
  dataflow_id: wireId('Of the dataflow.'),
  account_id: wireId('Where it delivers to.'),
  name: Type.String(),
  description: Type.String(),
  details,
  mapping: mappingWire,
  status: wireChoice(
    ['enabled', 'disabled', 'stopped', 'deleting'],
    'disabled: by a person; stopped: by an error of the connection, see stopped_by; deleting: see its deletion.',
  ),
  stopped_by: wireNullable(
    wireObject(
      { code: Type.String(), message: Type.String(), at: wireInstant('When it stopped.') },
      { description: 'What holds delivery until it is mended.' },
    ),
  ),
  created_at: wireInstant('When it was created.'),
};
export const dataflowWire = wireObject(dataflow, { title: 'Dataflow' });
export type DataflowWire = Wire<typeof dataflowWire>;
export const dataflowListWire = wireList(dataflowWire, 'Dataflows');
export const dataflowDetailWire = wireObject(
  { ...dataflow, counts: dataflowCountsWire },
  { title: 'Dataflow with its counts' },
);

export const dataflowPatchWire = wireObject(
  {
    enabled: Type.Optional(Type.Boolean({ description: 'Whether it delivers; true also ends a stop.' })),
    description: Type.Optional(wireText('What it is for.')),
  },
  { title: 'Change of a dataflow' },
);
