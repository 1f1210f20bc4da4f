import { type Fit, fits, wrongKind } from './fit.ts';

const checksumDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
/** First characters of the ids of objects that are the same in every org, where a value could go astray. */
const knownPrefixes: Readonly<Record<string, string>> = {
  Account: '001',
  Contact: '003',
  User: '005',
  Group: '00G',
  Lead: '00Q',
  RecordType: '012',
  Campaign: '701',
};

/**
 * An id of 18 characters from one of 15 or 18; one of another object, or whose checksum does not fit, is refused. One
 * of 18 that lost its case on the way, all of it, is restored by its checksum.
 * @param objects whose ids are taken; any where nothing is said
 */
export function fitRecordId(given: string, objects: readonly string[]): Fit {
  const expected = wrongKind(
    `a Salesforce id of ${objects.join(' or ') || 'a record'} (15 or 18 characters)`,
  );
  const id = canonicalId(given.trim());
  if (id === undefined) return expected;
  const prefixes = objects.map((object) => knownPrefixes[object]);
  const isOther = prefixes.length > 0 && !prefixes.includes(undefined) && !prefixes.includes(id.slice(0, 3));
  return isOther ? expected : fits(id);
}

/** Source: Salesforce Help, "15-character and 18-character record IDs". */
export function canonicalId(text: string): string | undefined {
  if (/^[A-Za-z0-9]{15}$/.test(text)) return text + checksumOf(text);
  if (!/^[A-Za-z0-9]{18}$/.test(text)) return undefined;
  const [body, checksum] = [text.slice(0, 15), text.slice(15).toUpperCase()];
  if (checksumOf(body) === checksum) return body + checksum;
  const isFolded = text === text.toLowerCase() || text === text.toUpperCase();
  const restored = isFolded ? withCase(body, checksum) : '';
  return checksumOf(restored) === checksum ? restored + checksum : undefined;
}

/** A digit for each five characters, in which the k-th bit says that the k-th is a capital letter. */
function checksumOf(body: string): string {
  if (body.length !== 15) return '';
  let checksum = '';
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let at = 0; at < 5; at++) if (/[A-Z]/.test(body[start + at] ?? '')) bits |= 1 << at;
    checksum += checksumDigits[bits];
  }
  return checksum;
}

const withCase = (body: string, checksum: string): string =>
  [...body.toLowerCase()]
    .map((character, at) => {
      const bits = checksumDigits.indexOf(checksum[Math.floor(at / 5)] ?? '');
      return bits >= 0 && (bits >> (at % 5)) & 1 ? character.toUpperCase() : character;
    })
    .join('');
