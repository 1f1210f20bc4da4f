import {
  type Identity,
  identitiesOf,
  identityKey,
  invalidInput,
  type MergePolicy,
  mergeWithProvenance,
  type ProfileFragment,
  type ProfileWire,
} from '@headrace/core';
import { getMergePolicy } from '../catalog/merge-policies.ts';
import { readTogether, type Trx } from '../store/database.ts';
import { readDefaultMergePolicy } from '../store/merge-policies.ts';
import { readFragments } from '../store/profile-fragments.ts';
import { readProfileVersion } from '../store/profile-history.ts';
import { readProfileMemberships } from '../store/segment-memberships.ts';
import type { ApiServices } from './api-services.ts';

const statementMs = 10_000;

/** A profile to view, with the identity it was looked up by. */
export type WantedProfile = { readonly profileId: string; readonly identity: Identity | undefined };

/**
 * Profiles under the default merge policy or another, with where each value is from: each once, or once an identity
 * where the policy joins none. Those that do not exist are left out.
 * @throws HeadraceError `not_found` for an unknown policy, `invalid_input` for one that needs an identity.
 */
export function viewProfiles(
  { pool }: ApiServices,
  wanted: readonly WantedProfile[],
  mergePolicyId: string | undefined,
): Promise<ProfileWire[]> {
  return readTogether(pool, statementMs, async (trx) => {
    const policy =
      mergePolicyId === undefined
        ? await readDefaultMergePolicy(trx)
        : await getMergePolicy(trx, mergePolicyId);
    const views: ProfileWire[] = [];
    const isJoined = policy.identityGraph === 'pdg';
    const once = new Map(wanted.map((one) => [isJoined ? one.profileId : JSON.stringify(one), one]));
    for (const one of once.values()) {
      const view = await viewProfile(trx, one, policy);
      if (view !== undefined) views.push(view);
    }
    return views;
  });
}

async function viewProfile(
  trx: Trx,
  { profileId, identity }: WantedProfile,
  policy: MergePolicy,
): Promise<ProfileWire | undefined> {
  const stored = await readProfileVersion(trx, profileId);
  if (stored === undefined) return undefined;
  const all = (await readFragments(trx, [profileId])).get(profileId) ?? [];
  const fragments = policy.identityGraph === 'pdg' ? all : fragmentsOf(all, identity);
  const memberships = await readProfileMemberships(trx, profileId);
  const { document, provenance } = mergeWithProvenance(fragments, policy.attributeMerge);
  return {
    profile_id: profileId,
    merge_policy_id: policy.mergePolicyId,
    version: stored.version,
    created_at: stored.createdAt.toISOString(),
    updated_at: stored.updatedAt.toISOString(),
    document,
    provenance: [...provenance].map(([pointer, source]) => ({ pointer, ...toSource(source) })),
    identities: [...identitiesOf(fragments)],
    segments: memberships.map((membership) => ({
      segment_id: membership.segmentId,
      name: membership.name,
      status: membership.status,
      last_qualification_time: membership.lastQualificationTime.toISOString(),
    })),
    fragments: fragments.map((fragment) => ({
      ...toSource(fragment),
      links: fragment.links.map((link) => ({
        namespace: link.namespace,
        value: link.value,
        first_seen: instant(link.first),
        last_seen: instant(link.last),
        cut: link.cut ?? null,
      })),
      document: fragment.document,
    })),
  };
}

/** Without an identity graph a view is of one identity alone. */
function fragmentsOf(
  fragments: readonly ProfileFragment[],
  identity: Identity | undefined,
): readonly ProfileFragment[] {
  if (identity === undefined)
    throw invalidInput(
      'This merge policy joins no identities. Name the identity to view by namespace and value.',
      [{ pointer: '/value', message: 'Expected an identity of the profile.' }],
    );
  return fragments.filter(({ primary }) => identityKey(primary) === identityKey(identity));
}

const toSource = (fragment: ProfileFragment) => ({
  dataset_id: fragment.datasetId,
  namespace: fragment.primary.namespace,
  value: fragment.primary.value,
  record_id: fragment.recordId,
  batch_id: fragment.batchId,
  stamp: instant(fragment.stampMs),
  received_at: instant(fragment.receivedMs),
});

const instant = (ms: number): string => new Date(ms).toISOString();
