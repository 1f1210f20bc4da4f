import type { Random } from './random.ts';

/**
 * A block of national numbers: `prefix` and then `digits` more. Written in `groups` of digits.
 *
 * Where a regulator keeps numbers for fiction, blocks lie within them: NANP 555-01xx; Ofcom (020 7946 0xxx,
 * 0161 496 0xxx ...); ACMA (5550 xxxx); Bundesnetzagentur (notice 148/2021); Arcep (01 99 00, 02 61 91); PTS
 * (08-465 004 xx ...). Elsewhere they are blocks of regular numbers with a run of zeros.
 */
export type NumberBlock = {
  readonly prefix: string;
  readonly digits: number;
  readonly groups: readonly number[];
};

/** A number given to one person of the sample, in its parts. */
export type PhoneNumber = {
  readonly region: string;
  readonly callingCode: string;
  readonly national: string;
  readonly groups: readonly number[];
};

const callingCodes: Readonly<Record<string, string>> = {
  US: '1',
  CA: '1',
  GB: '44',
  AU: '61',
  DE: '49',
  FR: '33',
  ES: '34',
  SE: '46',
  PL: '48',
  TR: '90',
  BR: '55',
  UA: '380',
  BG: '359',
  GR: '30',
  EG: '20',
  IL: '972',
  TW: '886',
  JP: '81',
  KR: '82',
  IN: '91',
};

/** Where a number at home starts with 0, which is written `(0)` after the country code at times. */
const trunkZero: ReadonlySet<string> = new Set(['GB', 'AU', 'DE', 'FR', 'SE']);

/** Every number of the blocks once, in random order; undefined when they are used up. */
export function createNumberSource(
  region: string,
  blocks: readonly NumberBlock[],
  random: Random,
): () => PhoneNumber | undefined {
  const callingCode = callingCodes[region];
  if (callingCode === undefined) throw new Error(`No calling code for ${region}.`);
  const numbers = random.shuffle(
    blocks.flatMap(({ prefix, digits, groups }) =>
      Array.from({ length: 10 ** digits }, (_, index) => ({
        national: `${prefix}${String(index).padStart(digits, '0')}`,
        groups,
      })),
    ),
  );
  return () => {
    const next = numbers.pop();
    return next && { region, callingCode, ...next };
  };
}

export const e164 = ({ callingCode, national }: PhoneNumber): string => `+${callingCode}${national}`;

/** The ways people write a number so that anyone can dial it; those of North America also without country code. */
export function writingsOf(number: PhoneNumber): readonly string[] {
  const { callingCode, national, region } = number;
  const groups = groupsOf(number);
  const international = [
    e164(number),
    `+${callingCode} ${groups.join(' ')}`,
    `+${callingCode}-${groups.join('-')}`,
  ];
  if (callingCode === '1') {
    const [area = '', exchange = '', line = ''] = groups;
    return [
      ...international,
      `(${area}) ${exchange}-${line}`,
      `(${area}) ${exchange}-${line}`,
      `${area}-${exchange}-${line}`,
      `${area}.${exchange}.${line}`,
      `1-${area}-${exchange}-${line}`,
      national,
    ];
  }
  const zeroZero = `00${callingCode} ${groups.join(' ')}`;
  if (!trunkZero.has(region)) return [...international, zeroZero];
  const [first = '', ...rest] = groups;
  return [...international, zeroZero, `+${callingCode} (0)${first} ${rest.join(' ')}`];
}

/** As written at home, with a 0 in front and no country code: nobody elsewhere can tell whose number it is. */
export const nationalWriting = (number: PhoneNumber): string => `0${groupsOf(number).join(' ')}`;

/** Whether `nationalWriting` is how numbers of the region are written. */
export const hasNationalWriting = ({ region }: PhoneNumber): boolean => trunkZero.has(region);

function groupsOf({ national, groups }: PhoneNumber): readonly string[] {
  let from = 0;
  return groups.map((length) => {
    from += length;
    return national.slice(from - length, from);
  });
}
