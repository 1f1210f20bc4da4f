/**
 * Salesforce record ids: 15 case-sensitive characters (3 key prefix, 3 instance, 9 number in base 62), or 18
 * with a checksum that survives case folding. Per group of 5 characters, bit k of the checksum index is set
 * when character k is an upper-case letter.
 */
const checksumAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
/** The digits of ids. */
export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const instanceCode = '5e0';
const idPattern = /^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/;

const digitOf = new Map([...base62].map((character, index) => [character, index]));

/** The three characters that turn a 15-character id into one of 18. */
export function idChecksum(id15: string): string {
  let checksum = '';
  for (let group = 0; group < 15; group += 5) {
    let index = 0;
    for (let bit = 0; bit < 5; bit++) {
      const code = id15.charCodeAt(group + bit);
      if (code >= 65 && code <= 90) index |= 1 << bit;
    }
    checksum += checksumAlphabet.charAt(index);
  }
  return checksum;
}

/** The 18-character form of an id given in either form; undefined for anything that is no id. */
export function normalizeId(text: string): string | undefined {
  if (!idPattern.test(text)) return undefined;
  const id15 = text.slice(0, 15);
  const checksum = idChecksum(id15);
  return text.length === 15 || text.slice(15) === checksum ? id15 + checksum : undefined;
}

/** The 18-character id of the record with this number (1 to 2^53) in the object with this key prefix. */
export function createRecordId(keyPrefix: string, recordNumber: number): string {
  let digits = '';
  for (let rest = recordNumber; rest > 0; rest = Math.floor(rest / 62))
    digits = base62.charAt(rest % 62) + digits;
  const id15 = keyPrefix + instanceCode + digits.padStart(9, '0');
  return id15 + idChecksum(id15);
}

/** The number inside an id of this org, or undefined when the id was issued by another one. */
export function recordNumberOf(id: string): number | undefined {
  if (id.slice(3, 6) !== instanceCode) return undefined;
  let recordNumber = 0;
  for (const character of id.slice(6, 15)) recordNumber = recordNumber * 62 + (digitOf.get(character) ?? 0);
  return Number.isSafeInteger(recordNumber) ? recordNumber : undefined;
}
