import type { IdentityNamespace } from './namespaces.ts';

/** How `normaliseIdentity` makes two writings of one identity equal, in words, for a person to read. */
export function describeNormalisation({ code, idType }: IdentityNamespace): string {
  if (idType === 'NON_PEOPLE' || idType === 'PARTNER') return 'Kept as it is; it joins nobody.';
  switch (code) {
    case 'Email':
      return 'Trimmed, in lower case; a SHA-256 hash counts as Email_LC_SHA256.';
    case 'Phone':
      return 'Written in E.164, with the default region where there is no country code; a SHA-256 hash counts as Phone_SHA256.';
    case 'Phone_E.164':
      return 'Written in E.164, with the default region where there is no country code; a SHA-256 hash counts as Phone_SHA256_E.164.';
    case 'Email_LC_SHA256':
    case 'Phone_SHA256':
    case 'Phone_SHA256_E.164':
      return 'Trimmed, in lower case; 64 hexadecimal digits.';
    case 'ECID':
      return 'Trimmed; 38 digits.';
    case 'IDFA':
    case 'GAID':
      return 'Trimmed, in lower case.';
    default:
      return 'Trimmed; case matters.';
  }
}
