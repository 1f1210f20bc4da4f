import { HeadraceError, notFound } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { findDeletedPeople } from '../store/profile-deletions.ts';
import { findSurvivors } from '../store/profile-survivors.ts';

/** The `not_found` for a profile that is not there: what became of it, where that is known. */
export async function missingProfile(db: Db, profileId: string): Promise<HeadraceError> {
  const gone = (keyword: string, message: string) =>
    new HeadraceError('not_found', message, { details: [{ pointer: '/profile_id', keyword, message }] });
  if ((await findDeletedPeople(db, [profileId])).has(profileId))
    return gone('person_deleted', 'The person of this profile was deleted.');
  const survivorId = (await findSurvivors(db, [profileId])).get(profileId);
  return survivorId === undefined
    ? notFound('profile', profileId)
    : gone('profile_merged', `The profile was merged into another, ${survivorId}. Look there.`);
}
