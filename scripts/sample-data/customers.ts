import { createHash } from 'node:crypto';
import { instantBetween } from './instants.ts';
import { createPeople, type Person } from './people.ts';
import { hasNationalWriting, nationalWriting, type PhoneNumber, writingsOf } from './phone-numbers.ts';
import type { Random } from './random.ts';

export const customerHeader = [
  'customer_id',
  'email',
  'first_name',
  'last_name',
  'phone',
  'street',
  'city',
  'state',
  'postal_code',
  'country',
  'company',
  'birth_date',
  'loyalty_tier',
  'loyalty_points',
  'marketing_email',
  'updated_at',
] as const;

export type CustomerRow = Readonly<Record<(typeof customerHeader)[number], string>>;

/** How many people, and how many of them have what fault. */
export const customerCounts = {
  people: 5_000,
  /** In the file a second time, from the shop's till, with the e-mail address in another case. */
  duplicatesByEmail: 120,
  /** The same with no e-mail address and the phone number in another writing. */
  duplicatesByPhone: 80,
  missingLastName: 150,
  invalidEmail: 100,
  missingEmail: 150,
  hashedEmail: 50,
  optedOut: 400,
  /** Phone numbers that lack the country code though they are not of North America. */
  nationalPhone: 60,
} as const;

type Fault = 'invalid' | 'missing' | 'hashed' | 'same-email' | 'same-phone';

/** The rows of the customer file, the second rows of duplicates among them, sorted by when they changed. */
export function createCustomers(random: Random): readonly CustomerRow[] {
  const people = random.shuffle(createPeople(customerCounts.people, random));
  const faults = faultsFor(people, random);
  const some = (count: number, of: readonly Person[] = people): ReadonlySet<Person> =>
    new Set(random.shuffle(of).slice(0, count));
  const nameless = some(customerCounts.missingLastName);
  const optedOut = some(customerCounts.optedOut);
  const national = some(
    customerCounts.nationalPhone,
    people.filter((person) => person.phone && hasNationalWriting(person.phone) && !faults.has(person)),
  );

  const rows = people.flatMap((person, index) => {
    const fault = faults.get(person);
    const row = firstRow(person, index, random, {
      email: emailCell(person, fault, random),
      lastName: nameless.has(person) ? '' : person.lastName[0],
      phone: phoneCell(person.phone, national.has(person), random),
      consent: optedOut.has(person) ? random.pick(['n', 'n', 'n', 'N', 'no']) : consentCell(random),
    });
    if (fault === 'same-email' || fault === 'same-phone')
      return [row, secondRow(person, row, index, fault, random)];
    return [row];
  });
  return rows.sort((a, b) => compare(a.updated_at, b.updated_at) || compare(a.customer_id, b.customer_id));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Who has which fault of identity; nobody has two, so that each can be counted by itself. */
function faultsFor(people: readonly Person[], random: Random): ReadonlyMap<Person, Fault> {
  const faults = new Map<Person, Fault>();
  const give = (fault: Fault, count: number, isFit: (person: Person) => boolean = () => true): void => {
    const free = people.filter((person) => !faults.has(person) && isFit(person));
    for (const person of random.shuffle(free).slice(0, count)) faults.set(person, fault);
  };
  give('invalid', customerCounts.invalidEmail);
  give('missing', customerCounts.missingEmail);
  give('hashed', customerCounts.hashedEmail);
  give('same-email', customerCounts.duplicatesByEmail);
  give('same-phone', customerCounts.duplicatesByPhone, ({ phone }) => phone !== undefined);
  return faults;
}

type Cells = {
  readonly email: string;
  readonly lastName: string;
  readonly phone: string;
  readonly consent: string;
};

function firstRow(person: Person, index: number, random: Random, cells: Cells): CustomerRow {
  const tier = random.pick(['', '', 'Bronze', 'Bronze', 'Silver', 'Silver', 'Gold', 'Platinum']);
  return {
    customer_id: `WEB-${String(100_001 + index)}`,
    email: cells.email,
    first_name: person.firstName[0],
    last_name: cells.lastName,
    phone: cells.phone,
    street: person.street,
    city: person.city,
    state: person.state,
    postal_code: person.postalCode,
    country: random.pick(person.culture.countries),
    company: person.company,
    birth_date: person.birthDate,
    loyalty_tier: tier,
    loyalty_points: tier === '' ? '' : String(pointsOf(tier, random)),
    marketing_email: cells.consent,
    updated_at: instantBetween('2023-01-01T00:00:00Z', '2025-10-01T00:00:00Z', random),
  };
}

/** What the till knows of a customer of the web shop: little, and written in its own way. */
function secondRow(
  person: Person,
  first: CustomerRow,
  index: number,
  fault: 'same-email' | 'same-phone',
  random: Random,
): CustomerRow {
  const isByEmail = fault === 'same-email';
  return {
    ...first,
    customer_id: `POS-${String(20_001 + index)}`,
    email: isByEmail ? otherCase(person.email, random) : '',
    first_name: isByEmail && random.chance(40) ? first.first_name.toUpperCase() : first.first_name,
    phone: isByEmail ? '' : otherWriting(person.phone, first.phone, random),
    street: '',
    city: random.chance(50) ? first.city : '',
    state: '',
    postal_code: '',
    company: '',
    birth_date: '',
    loyalty_tier: '',
    loyalty_points: '',
    marketing_email: '',
    updated_at: instantBetween('2023-01-01T00:00:00Z', '2025-10-01T00:00:00Z', random),
  };
}

function otherCase(email: string, random: Random): string {
  const [local = '', domain = ''] = email.split('@');
  const capitals = local.replace(/(^|\.)[a-z]/g, (letter) => letter.toUpperCase());
  return random.pick([email.toUpperCase(), `${capitals}@${domain}`, `${local}@${domain.toUpperCase()}`]);
}

function otherWriting(phone: PhoneNumber | undefined, present: string, random: Random): string {
  if (phone === undefined) return '';
  return random.pick(writingsOf(phone).filter((writing) => writing !== present));
}

const phoneCell = (phone: PhoneNumber | undefined, isNational: boolean, random: Random): string => {
  if (phone === undefined) return '';
  return isNational ? nationalWriting(phone) : random.pick(writingsOf(phone));
};

function emailCell({ email }: Person, fault: Fault | undefined, random: Random): string {
  const [local = '', domain = ''] = email.split('@');
  switch (fault) {
    case 'missing':
      return '';
    case 'hashed':
      return createHash('sha256').update(email).digest('hex');
    case 'invalid':
      return random.pick([
        `${local}@`,
        `${local}.${domain}`,
        `${local} @${domain}`,
        `${local}@@${domain}`,
        `${local}@${domain.replace('.', ',')}`,
        `${local}@example`,
        `${local}@${domain};`,
        'no email',
      ]);
    default:
      return random.chance(3) ? ` ${email}` : email;
  }
}

const consentCell = (random: Random): string => {
  const draw = random.below(92);
  if (draw < 60) return 'y';
  if (draw < 65) return random.pick(['Y', 'yes']);
  return draw < 70 ? 'p' : '';
};

const pointsOf = (tier: string, random: Random): number => {
  const least = { Bronze: 0, Silver: 1_000, Gold: 5_000, Platinum: 15_000 }[tier] ?? 0;
  return least + random.below(least === 0 ? 1_000 : least * 3);
};
