import {
  clockAt,
  compileRuleSet,
  compileSegmentRule,
  composeSchema,
  type JsonObject,
  type RuleSchema,
} from '@headrace/core';

const segments = 50;
const people = 20_000;
const rounds = 9;

const schema: RuleSchema = {
  profile: composeSchema({
    classId: 'xdm.individual-profile',
    fieldGroupIds: ['xdm.demographic-details', 'xdm.personal-contact-details', 'xdm.loyalty-details'],
  }),
  event: composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] }),
};

/** Ten each of five kinds; no two are the same. */
const kinds: readonly ((index: number) => string)[] = [
  (i) => `loyalty.points > ${i * 190}`,
  (i) => `homeAddress.countryCode in ["DE", "FR", "C${i}"] and loyalty.points >= ${i * 70}`,
  (i) => `homeAddress.city in ["City ${i}", "City ${i + 7}"] or loyalty.tier = "gold"`,
  (i) => `person.birthDate < date(${1950 + i}, 1, 1) and not personalEmail.address.endsWith(".com")`,
  (i) => `person.name.lastName.contains("y 1${i}", false) and loyalty.tier.isNotNull()`,
];

/** Profiles a second that this process takes through 50 rules over attributes, documents at hand: the median round. */
export function streamProfilesPerS(): number {
  const rules = Array.from({ length: segments }, (_, index) => ({
    segmentId: `s${index}`,
    rule: compileSegmentRule(kinds[index % kinds.length]?.(index) ?? '', schema),
  }));
  const documents = Array.from(
    { length: people },
    (_, i): JsonObject => ({
      person: {
        name: { firstName: `Given ${i % 997}`, lastName: `Family ${i}` },
        birthDate: `${1950 + (i % 50)}-03-0${1 + (i % 9)}`,
      },
      personalEmail: { address: `person${i}@example.${i % 2 ? 'org' : 'com'}` },
      homeAddress: { city: `City ${i % 500}`, countryCode: ['DE', 'FR', 'GB', 'US', 'CA'][i % 5] ?? '' },
      loyalty: { tier: ['bronze', 'silver', 'gold', 'platinum'][i % 4] ?? '', points: (i * 7919) % 10_000 },
    }),
  );
  const set = compileRuleSet(rules);
  const speeds: number[] = [];
  let members = 0;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    for (const document of documents)
      set.evaluate({ document, events: [], segments: new Set() }, clockAt(new Date()), (_rule, isMember) => {
        if (isMember) members += 1;
      });
    speeds.push((people / (performance.now() - started)) * 1_000);
  }
  if (members === 0) throw new Error('No rule has a member: nothing was measured.');
  return speeds.toSorted((a, b) => a - b)[speeds.length >> 1] ?? 0;
}
