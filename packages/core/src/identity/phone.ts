import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** A region whose numbering plan is known: an ISO 3166-1 alpha-2 code such as `US`. */
export type Region = CountryCode;

/** The region a code means, whatever its case; undefined when its numbering plan is not known. */
export function parseRegion(code: string): Region | undefined {
  const region = code.toUpperCase();
  return isSupportedCountry(region) ? region : undefined;
}

/** A number in E.164, or why there is none. */
export type PhoneResult =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: 'invalid_phone' | 'phone_with_extension' };

/** Longer text is no number; the parser's own limit is 250. */
const longestNumber = 50;

/**
 * A phone number in E.164 (`+12125550123`). A number without a country calling code is read as one of
 * `defaultRegion`; without a default it is refused. `00` before the country code counts as `+`, whatever the
 * region dials abroad with, as files from everywhere are written that way.
 *
 * The number has to be valid by the full metadata (`libphonenumber-js/max`), not only of a possible length:
 * made-up numbers (`1234567890`) are many people's, and an identity that many share would make one profile of
 * them. For the same reason a number with an extension is refused.
 */
export function normalisePhone(value: string, defaultRegion: Region | undefined): PhoneResult {
  const written = value.trim();
  if (written.length > longestNumber) return { ok: false, reason: 'invalid_phone' };
  const dialled = written.replace(/^00\s*(?=[1-9])/, '+');
  const number = parsePhoneNumberFromString(dialled, {
    extract: false,
    ...(defaultRegion !== undefined && { defaultCountry: defaultRegion }),
  });
  if (number === undefined || !number.isValid()) return { ok: false, reason: 'invalid_phone' };
  if (number.ext !== undefined && number.ext !== '') return { ok: false, reason: 'phone_with_extension' };
  return { ok: true, value: number.number };
}
