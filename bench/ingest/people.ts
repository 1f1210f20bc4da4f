/** The workspace of the benchmark: one dataset of people with three identities each, three of six segments each. */
export const schema = {
  name: 'People',
  class_id: 'xdm.individual-profile',
  field_group_ids: [
    'xdm.demographic-details',
    'xdm.personal-contact-details',
    'xdm.loyalty-details',
    'xdm.external-source-system-audit-details',
  ],
  identities: [
    { path: 'personID', namespace: 'CRMID', primary: true },
    { path: 'personalEmail.address', namespace: 'Email' },
    { path: 'mobilePhone.number', namespace: 'Phone' },
  ],
};

/** Two of a kind each, so that everyone is in exactly three, before and after a change. */
export const segments = [
  { name: 'Gold or platinum', expression: 'loyalty.tier in ["gold", "platinum"]' },
  {
    name: 'Other tiers',
    expression: 'loyalty.tier.isNotNull() and not (loyalty.tier in ["gold", "platinum"])',
  },
  {
    name: 'Europe',
    expression:
      'homeAddress.countryCode in ["DE", "FR", "GB", "IT", "ES"] and personalEmail.address.contains("@")',
  },
  { name: 'Elsewhere', expression: 'not (homeAddress.countryCode in ["DE", "FR", "GB", "IT", "ES"])' },
  { name: 'Collectors', expression: 'loyalty.points >= 5000' },
  { name: 'Beginners', expression: 'loyalty.points < 5000' },
];

export const mapping = {
  columns: {
    customer_id: 'personID',
    first_name: 'person.name.firstName',
    last_name: 'person.name.lastName',
    birth_date: 'person.birthDate',
    email: 'personalEmail.address',
    phone: 'mobilePhone.number',
    city: 'homeAddress.city',
    country: 'homeAddress.countryCode',
    tier: 'loyalty.tier',
    points: 'loyalty.points',
    updated_at: 'extSourceSystemAudit.lastUpdatedDate',
  },
};

export const csvHeader = `${Object.keys(mapping.columns).join(',')}\n`;

const countries = ['DE', 'FR', 'GB', 'IT', 'ES', 'US', 'CA', 'JP'];
const tiers = ['bronze', 'silver', 'gold', 'platinum'];
const firstUpdateMs = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;

/**
 * What one person's cells hold in a round; later rounds are newer. Each round changes the points, and for one
 * person in three that means another segment.
 */
function personOf(index: number, round: number) {
  const moves = index % 3 === 0;
  return {
    id: `C-${String(index).padStart(8, '0')}`,
    firstName: `First${index % 997}`,
    lastName: `Last${index % 9973}`,
    birthDate: `19${50 + (index % 50)}-0${1 + (index % 9)}-1${index % 10}`,
    email: `Person.${index}@Example.com`,
    phone: `+1 212 ${200 + (Math.floor(index / 10_000) % 800)} ${String(index % 10_000).padStart(4, '0')}`,
    city: `City ${index % 500}`,
    country: countries[index % countries.length] ?? '',
    tier: tiers[index % tiers.length] ?? '',
    points: (moves && round % 2 === 1 ? 7_000 : 1_000) + (index % 1_000) + round,
    updatedAt: new Date(firstUpdateMs + round * hourMs).toISOString(),
  };
}

export function csvRow(index: number, round: number): string {
  const p = personOf(index, round);
  return `${p.id},${p.firstName},${p.lastName},${p.birthDate},${p.email},${p.phone},${p.city},${p.country},${p.tier},${p.points},${p.updatedAt}\n`;
}

export function recordOf(index: number, round: number): object {
  const p = personOf(index, round);
  return {
    personID: p.id,
    person: { name: { firstName: p.firstName, lastName: p.lastName }, birthDate: p.birthDate },
    personalEmail: { address: p.email },
    mobilePhone: { number: p.phone },
    homeAddress: { city: p.city, countryCode: p.country },
    loyalty: { tier: p.tier, points: p.points },
    extSourceSystemAudit: { lastUpdatedDate: p.updatedAt },
  };
}
