import { readProfileIdsInBuckets } from '../store/profiles.ts';
import type { PopulationJobHandler } from './population-jobs.ts';
import { type ProfileChangeListener, saveProfiles } from './save-profiles.ts';
import { readStoredProfiles } from './stored-profiles.ts';

/**
 * Merges everyone again by the merge policy that is the default now: fragments stay as they are, and documents,
 * history, memberships and exports follow. Profiles that ingestion has changed meanwhile are merged by it already.
 */
export const createRemerge = (onChange: ProfileChangeListener): PopulationJobHandler => ({
  workOn: async (trx, _job, range, now) => {
    const profileIds = await readProfileIdsInBuckets(trx, range);
    if (profileIds.length === 0) return 0;
    const stored = await readStoredProfiles(trx, profileIds);
    await saveProfiles(trx, stored, stored.fragments, onChange, now);
    return profileIds.length;
  },
});
