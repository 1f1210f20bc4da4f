const sha256Hex = /^[0-9a-f]{64}$/i;

/** Whether a value has the form of a SHA-256 hash: 64 hexadecimal digits. */
export const isSha256 = (value: string): boolean => sha256Hex.test(value.trim());

/** Longest address SMTP can carry (RFC 5321, section 4.5.3.1.3, as corrected by erratum 1690). */
const longestAddress = 254;
const longestLocalPart = 64;
const localPart = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const domainLabel = /^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/**
 * An address as the identity it stands for: without surrounding blanks, lower case, Unicode NFC. Undefined
 * when it is no plausible address.
 *
 * Plausible is one `@`, an unquoted local part and a domain of at least two labels whose last is no number.
 * Quoted local parts and IP literals are legal but in practice mistakes; dots and tags (`a.b+c`) stay, since
 * only the mail provider knows what they mean.
 */
export function normaliseEmail(value: string): string | undefined {
  const address = value.trim().normalize('NFC').toLowerCase();
  if (address.length > longestAddress) return undefined;
  const at = address.indexOf('@');
  const local = address.slice(0, at);
  const labels = address.slice(at + 1).split('.');
  const isPlausible =
    at > 0 &&
    local.length <= longestLocalPart &&
    localPart.test(local) &&
    labels.length >= 2 &&
    labels.every((label) => domainLabel.test(label)) &&
    !/^\p{N}+$/u.test(labels.at(-1) ?? '');
  return isPlausible ? address : undefined;
}
