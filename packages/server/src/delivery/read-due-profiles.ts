import { type Trx, together } from '../store/database.ts';
import type { DueRow } from '../store/delivery-claims.ts';
import { findDeletedPeople } from '../store/profile-deletions.ts';
import { readFirstIdentities } from '../store/profile-identities.ts';
import { findSurvivors } from '../store/profile-survivors.ts';
import { readDocuments } from '../store/profiles.ts';
import { readMemberships } from '../store/segment-memberships.ts';
import type { DeliveryProfile, DeliveryRules, GoneBy } from './decide-delivery.ts';

/** The profiles that due rows are about. */
export type DueProfiles = {
  /** Undefined for one that is gone. */
  readonly of: (profileId: string) => DeliveryProfile | undefined;
  readonly goneBy: (profileId: string) => GoneBy | undefined;
  /** The profile that one which is gone was merged into. */
  readonly survivorOf: (profileId: string) => string | undefined;
};

const noIdentities: Awaited<ReturnType<typeof readFirstIdentities>> = new Map();
const noMemberships: Awaited<ReturnType<typeof readMemberships>> = new Map();

/** Reads what the rules of a dataflow look at, in a later statement than the rows. */
export async function readDueProfiles(
  trx: Trx,
  rules: Pick<DeliveryRules, 'mapping' | 'tellsMemberships'>,
  due: readonly Pick<DueRow, 'profileId' | 'sourceProfileId'>[],
): Promise<DueProfiles> {
  const profileIds = [...new Set(due.map((row) => row.sourceProfileId ?? row.profileId))];
  const [documents, identities, memberships] = await together(
    readDocuments(trx, profileIds),
    rules.mapping.namespaces.size > 0 ? readFirstIdentities(trx, profileIds) : noIdentities,
    rules.tellsMemberships ? readMemberships(trx, profileIds) : noMemberships,
  );
  const gone = profileIds.filter((profileId) => !documents.has(profileId));
  const deleted = await findDeletedPeople(trx, gone);
  const survivors = await findSurvivors(
    trx,
    gone.filter((profileId) => !deleted.has(profileId)),
  );
  return {
    of: (profileId) => {
      const document = documents.get(profileId);
      if (document === undefined) return undefined;
      return {
        document,
        identities: identities.get(profileId) ?? new Map(),
        memberships: memberships.get(profileId) ?? new Map(),
      };
    },
    goneBy: (profileId) => {
      if (deleted.has(profileId)) return 'person_deleted';
      return survivors.has(profileId) ? 'profile_merged' : undefined;
    },
    survivorOf: (profileId) => survivors.get(profileId),
  };
}
