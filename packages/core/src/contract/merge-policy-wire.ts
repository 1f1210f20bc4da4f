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
} from './wire.ts';

const identityGraph = wireObject({
  type: wireChoice(
    ['pdg', 'none'],
    'pdg: fragments of all linked identities; none: those of one identity alone.',
  ),
});
const attributeMerge = wireObject({
  type: wireChoice(
    ['timestampOrdered', 'dataSetPrecedence'],
    'timestampOrdered: the newest value wins; dataSetPrecedence: the dataset that stands first.',
  ),
  order: Type.Optional(
    Type.Array(wireId('Of a dataset.'), {
      maxItems: 100,
      uniqueItems: true,
      description: 'Of dataSetPrecedence: the datasets that count, the one whose values win first.',
    }),
  ),
});
const isDefault = Type.Boolean({ description: 'Profiles are stored as this policy merges them.' });

export const newMergePolicyWire = wireObject(
  {
    name: wireName('Unique among merge policies.'),
    identity_graph: Type.Optional(identityGraph),
    attribute_merge: attributeMerge,
  },
  { title: 'New merge policy' },
);
export type NewMergePolicyWire = Wire<typeof newMergePolicyWire>;

export const mergePolicyChangeWire = wireObject(
  {
    name: Type.Optional(wireName('Unique among merge policies.')),
    identity_graph: Type.Optional(identityGraph),
    attribute_merge: Type.Optional(attributeMerge),
    is_default: Type.Optional(
      Type.Boolean({
        description: 'true makes it the default; to take that away, make another the default.',
      }),
    ),
  },
  { title: 'Change of a merge policy' },
);

const policy = {
  merge_policy_id: wireId('Of the merge policy.'),
  name: Type.String(),
  identity_graph: identityGraph,
  attribute_merge: attributeMerge,
  is_default: isDefault,
  created_at: wireInstant('When it was created.'),
};
export const mergePolicyWire = wireObject(policy, { title: 'Merge policy' });
export type MergePolicyWire = Wire<typeof mergePolicyWire>;
export const mergePolicyListWire = wireList(mergePolicyWire, 'Merge policies, the default first');

export const mergePolicyDetailWire = wireObject(
  {
    ...policy,
    remerge: wireNullable(
      wireObject(
        {
          status: wireChoice(
            ['processing', 'completed', 'superseded'],
            'superseded: the default changed again, and a later one merges everyone.',
          ),
          percent_done: Type.Integer({ minimum: 0, maximum: 100 }),
          profiles_done: wireCount('Profiles merged again so far.'),
          started_at: wireInstant('When it became the default, or its merging changed.'),
          finished_at: wireNullable(wireInstant('When the last profile was merged again.')),
        },
        {
          title: 'Merging everyone again',
          description: 'The last one by this policy; null if there was none.',
        },
      ),
    ),
  },
  { title: 'Merge policy with its progress' },
);
export type MergePolicyDetailWire = Wire<typeof mergePolicyDetailWire>;
