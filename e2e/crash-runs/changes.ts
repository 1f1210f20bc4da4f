import type { Chance } from './chance.ts';
import type { Person, World } from './world.ts';

const people = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Something happens to people: they come, change, are joined, parted or deleted. */
export async function change(world: World, chance: Chance): Promise<void> {
  const [id, other] = [chance.oneOf(people), chance.oneOf(people)];
  const kind = chance.next();
  if (kind < 0.07) return world.deletePerson(id, chance.oneOf(['keep', 'delete']));
  if (kind < 0.14) return world.unlink(id, other);
  const changed = Array.from({ length: 1 + chance.upTo(4) }, () => choosePerson(chance, other));
  await world.ingest(changed);
}

function choosePerson(chance: Chance, other: string): Person {
  const id = chance.oneOf(people);
  return {
    id,
    // Some move to another address, now and then to one that somebody else has.
    email: `${chance.is(0.85) ? id : chance.oneOf([`${id}-new`, other])}@example.com`,
    ...(chance.is(0.85) && { lastName: `Name ${chance.upTo(999)}` }),
    ...(chance.is(0.5) && { city: `City ${chance.upTo(9)}` }),
    ...(chance.is(0.5) && { company: `Company ${chance.upTo(2)}` }),
    ...(chance.is(0.08) && { optedOut: true }),
    ...(chance.is(0.12) && { links: [other] }),
  };
}
