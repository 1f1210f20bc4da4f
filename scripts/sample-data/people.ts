import { type Culture, cultures, type Name } from './cultures.ts';
import { createNumberSource, type PhoneNumber } from './phone-numbers.ts';
import type { Random } from './random.ts';

/** One invented person, before a shop's system has put its own faults into the data. */
export type Person = {
  readonly culture: Culture;
  readonly firstName: Name;
  readonly lastName: Name;
  /** A plain, unique, lower-case address in a domain reserved by RFC 2606. */
  readonly email: string;
  /** Unique; undefined for those who gave none. */
  readonly phone: PhoneNumber | undefined;
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly company: string;
  /** `YYYY-MM-DD`, or blank. */
  readonly birthDate: string;
};

type Employer = readonly [name: string, domain: string];
const employers: readonly Employer[] = [
  ['Hartwell, Boone & Partners LLC', 'hartwell.example.com'],
  ['The "Blue Door" Bakery', 'bluedoor.example.net'],
  ["O'Malley & Sons, Ltd.", 'omalley.example.com'],
  ['Nordlicht Möbel GmbH', 'nordlicht.example.org'],
  ['Atelier Éphémère SARL', 'atelier.example.org'],
  ['Cedar Ridge Logistics, Inc.', 'cedarridge.example.com'],
  ['Quill & Anchor Press', 'quillanchor.example.net'],
  ['Санрайз Трейд', 'sunrise-trade.example.com'],
  ['青空デザイン株式会社', 'aozora.example.net'],
  ['Solara Energy S.A.', 'solara.example.com'],
  ['Brightwater Clinics', 'brightwater.example.org'],
  ['Fjällbo AB', 'fjallbo.example.com'],
];

const mailDomains = [
  'example.com',
  'example.com',
  'example.org',
  'example.net',
  'mail.example.com',
  'post.example.net',
  'inbox.example.org',
] as const;

/** `count` different people, spread over the cultures by weight, in random order. */
export function createPeople(count: number, random: Random): readonly Person[] {
  const takenAddresses = new Set<string>();
  const sources = new Map(
    cultures.map((culture) => [culture.region, createNumberSource(culture.region, culture.phones, random)]),
  );
  const byWeight = cultures.flatMap((culture) => Array<Culture>(culture.weight).fill(culture));
  const spread = Array.from({ length: count }, (_, index) => byWeight[index % byWeight.length]);

  return random.shuffle(spread).map((culture) => {
    if (culture === undefined) throw new Error('unreachable');
    const firstName = random.pick(culture.firstNames);
    const lastName = random.pick(culture.lastNames);
    const employer = random.chance(18) ? random.pick(employers) : undefined;
    const [city, state, postalCode] = random.pick(culture.places);
    return {
      culture,
      firstName,
      lastName,
      email: createAddress(firstName[1], lastName[1], employer, takenAddresses, random),
      phone: random.chance(88) ? sources.get(culture.region)?.() : undefined,
      street: random.pick(culture.streets).replace('#', String(1 + random.below(240))),
      city,
      state,
      postalCode: postalCode.replaceAll('#', () => String(random.below(10))),
      company: employer?.[0] ?? '',
      birthDate: random.chance(85) ? createBirthDate(random) : '',
    };
  });
}

function createAddress(
  first: string,
  last: string,
  employer: Employer | undefined,
  taken: Set<string>,
  random: Random,
): string {
  const domain = employer?.[1] ?? random.pick(mailDomains);
  const shapes = [`${first}.${last}`, `${first}.${last}`, `${first}${last}`, `${first.charAt(0)}.${last}`];
  const local = random
    .pick(shapes)
    .toLowerCase()
    .replace(/[^a-z.]/g, '');
  let address = `${local}@${domain}`;
  for (let suffix = 2; taken.has(address); suffix++) address = `${local}${suffix}@${domain}`;
  taken.add(address);
  return address;
}

const createBirthDate = (random: Random): string =>
  [1940 + random.below(67), 1 + random.below(12), 1 + random.below(28)]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
