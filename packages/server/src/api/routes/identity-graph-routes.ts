import {
  findNamespace,
  type Identity,
  type IdentityGraphWire,
  type IdentityPair,
  identitiesOf,
  identityGraphWire,
  identityKey,
  identityPairWire,
  invalidInput,
  newSplitWire,
  type ProfileFragment,
  pairOutcomeWire,
  splitOutcomeWire,
  wireId,
  wireObject,
} from '@headrace/core';
import type { PairOutcome, Placement } from '../../ingestion/part-identities.ts';
import { readCustomNamespaces } from '../../store/dataset-contexts.ts';
import { readFragments } from '../../store/profile-fragments.ts';
import type { ApiServices } from '../api-services.ts';
import { missingProfile } from '../missing-profile.ts';
import { defineRoute } from '../route.ts';
import { readWantedIdentities } from '../wanted-identities.ts';

const tag = 'Identities';
const params = wireObject({ profile_id: wireId('Of the profile.') });

export const identityGraphRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/profiles/:profile_id/identity-graph',
    operationId: 'getIdentityGraph',
    summary: 'The identities of a profile, what links them, and where each link came from',
    tag,
    params,
    response: identityGraphWire,
    access: ['View Identity Graph', 'View Profiles'],
    audit: null,
    handle: async ({ pool }, { params: { profile_id } }) => {
      const fragments = (await readFragments(pool, [profile_id])).get(profile_id);
      if (fragments === undefined) throw await missingProfile(pool, profile_id);
      const custom = await readCustomNamespaces(pool);
      const idTypeOf = (namespace: string) => findNamespace(namespace, custom)?.idType ?? null;
      return { body: toGraphWire(profile_id, fragments, idTypeOf) };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/identity-graph/unlink',
    operationId: 'unlinkIdentities',
    summary: 'Part two identities: no record links them any more, neither present nor future ones',
    tag,
    body: identityPairWire,
    response: pairOutcomeWire,
    access: ['Manage Identity Metadata', 'Manage Profiles', 'View Identity Graph'],
    audit: { action: 'identity_graph.unlink', subjectType: 'profile' },
    handle: async (services, { body, principal }) => {
      const pair = await parsePair(services, body.identities);
      return answerPair(pair, await services.people.identityGraph.unlink(pair, principal?.id ?? ''));
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/identity-graph/relink',
    operationId: 'relinkIdentities',
    summary: 'Take an unlink back: what records say of the two counts again',
    tag,
    body: identityPairWire,
    response: pairOutcomeWire,
    access: ['Manage Identity Metadata', 'Manage Profiles', 'View Identity Graph'],
    audit: { action: 'identity_graph.relink', subjectType: 'profile' },
    handle: async (services, { body }) => {
      const pair = await parsePair(services, body.identities);
      return answerPair(pair, await services.people.identityGraph.relink(pair));
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/profiles/:profile_id/split',
    operationId: 'splitProfile',
    summary: 'Part some identities of a profile from its others, by unlinking whatever connects them',
    tag,
    params,
    body: newSplitWire,
    response: splitOutcomeWire,
    access: ['Manage Identity Metadata', 'Manage Profiles', 'View Identity Graph'],
    audit: { action: 'profile.split', subjectType: 'profile' },
    handle: async (services, { params: { profile_id }, body, principal }) => {
      const apart: Identity[] = [];
      for (const [index, written] of body.identities.entries())
        apart.push(...(await readWantedIdentities(services, written, `/identities/${index}`)));
      const placements = await services.people.identityGraph.split(profile_id, apart, principal?.id ?? '');
      const profiles = new Set(placements.flatMap(({ profileId }) => profileId ?? []));
      return {
        body: { identities: placements.map(toPlacementWire) },
        subjectId: profile_id,
        facts: { identities: apart.length, profiles: [...profiles].sort().join(' ') },
      };
    },
  }),
];

async function parsePair(
  services: ApiServices,
  written: readonly { readonly namespace: string; readonly value: string }[],
): Promise<IdentityPair> {
  const read = written.map((one, index) => readWantedIdentities(services, one, `/identities/${index}`));
  const [first, second] = (await Promise.all(read)).flat();
  if (first === undefined || second === undefined) throw new Error('The contract asks for two identities.');
  if (identityKey(first) === identityKey(second))
    throw invalidInput('Both are the same identity, which cannot be parted from itself.', [
      { pointer: '/identities/1', message: 'Expected another identity than the first.' },
    ]);
  return [first, second];
}

/** Values of identities are personal data: the audit log names namespaces and profiles. */
const answerPair = (pair: IdentityPair, { placements, connectedBy }: PairOutcome) => {
  const profiles = new Set(placements.flatMap(({ profileId }) => profileId ?? []));
  const [subjectId] = profiles;
  return {
    body: {
      identities: placements.map(toPlacementWire),
      connected: connectedBy.length > 0,
      connected_by: connectedBy.map((fragment) => ({
        primary: { ...fragment.primary },
        ...recordOf(fragment),
      })),
    },
    ...(subjectId !== undefined && { subjectId }),
    facts: {
      namespaces: pair.map(({ namespace }) => namespace).join(' '),
      profiles: [...profiles].join(' '),
    },
  };
};

const toPlacementWire = ({ identity, profileId }: Placement) => ({ ...identity, profile_id: profileId });

const recordOf = ({ datasetId, recordId, batchId }: ProfileFragment) => ({
  dataset_id: datasetId,
  record_id: recordId,
  batch_id: batchId,
});

function toGraphWire(
  profileId: string,
  fragments: readonly ProfileFragment[],
  idTypeOf: (namespace: string) => string | null,
): IdentityGraphWire {
  const held = new Map(identitiesOf(fragments).map((identity) => [identityKey(identity), identity]));
  const named = new Map(held);
  for (const { links } of fragments)
    for (const { namespace, value } of links)
      if (!named.has(identityKey({ namespace, value })))
        named.set(identityKey({ namespace, value }), { namespace, value });
  return {
    profile_id: profileId,
    identities: [...named].map(([key, identity]) => ({
      ...identity,
      id_type: idTypeOf(identity.namespace),
      held: held.has(key),
    })),
    links: fragments.flatMap((fragment) =>
      fragment.links
        .filter((link) => identityKey(link) !== identityKey(fragment.primary))
        .map(({ namespace, value, first, last, cut }) => ({
          primary: { ...fragment.primary },
          linked: { namespace, value },
          ...recordOf(fragment),
          first_seen: new Date(first).toISOString(),
          last_seen: new Date(last).toISOString(),
          cut: cut ?? null,
        })),
    ),
  };
}
