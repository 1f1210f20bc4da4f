import { isSha256, normaliseEmail } from './email.ts';
import type { IdentityNamespace } from './namespaces.ts';
import { normalisePhone, type Region } from './phone.ts';

/** Why a value is no identity; the texts are what a person reads. None repeats the value. */
export const identityRejections = {
  blank: 'The value is blank.',
  too_long: 'The value is longer than 1,024 characters.',
  placeholder: 'The value is a placeholder (null, anonymous, invalid or all zeros), which many people share.',
  unknown_namespace: 'There is no such identity namespace. Create it, or correct the code.',
  invalid_email: 'The value is no e-mail address.',
  invalid_phone: 'The value is no valid phone number. Write it with + and the country code.',
  phone_with_extension: 'The phone number has an extension, so several people may share it.',
  invalid_hash: 'The value is no SHA-256 hash (64 hexadecimal digits).',
  invalid_ecid: 'The value is no ECID (38 digits).',
  not_people: 'Identities of this namespace (NON_PEOPLE, PARTNER) stand for nobody and join nobody.',
  too_many: 'The record has more than 20 identities.',
} as const;

export type IdentityRejection = keyof typeof identityRejections;

/** An identity as it is stored and compared. `namespace` is the code. */
export type Identity = { readonly namespace: string; readonly value: string };

/** Text form of an identity, unique across namespaces. */
export const identityKey = ({ namespace, value }: Identity): string => `${namespace}\u0000${value}`;

export type NormalisedIdentity =
  | ({ readonly ok: true } & Identity)
  | { readonly ok: false; readonly reason: IdentityRejection };

export type NormalisationOptions = {
  /** Whose numbering plan a phone number without country code follows. */
  readonly defaultRegion: Region | undefined;
};

/** Source of the value rules: the platform's identity service, guardrails. */
const longestValue = 1024;
const placeholders: ReadonlySet<string> = new Set(['null', 'anonymous', 'invalid']);
/** What devices report as advertising id once their owner has opted out. */
const zeroDeviceId = /^0{8}-(?:0{4}-){3}0{12}$/;

/**
 * A value as the identity it stands for, so that two writings of one identity are equal. The namespace can
 * change: a hash given as `Email` belongs to `Email_LC_SHA256`, one given as a phone to its hashed namespace.
 */
export function normaliseIdentity(
  namespace: IdentityNamespace,
  value: string,
  options: NormalisationOptions,
): NormalisedIdentity {
  const trimmed = value.trim();
  if (trimmed === '') return rejected('blank');
  if (trimmed.length > longestValue) return rejected('too_long');
  if (placeholders.has(trimmed.toLowerCase()) || zeroDeviceId.test(trimmed)) return rejected('placeholder');
  switch (namespace.code) {
    case 'Email': {
      if (isSha256(trimmed)) return accepted('Email_LC_SHA256', trimmed.toLowerCase());
      const address = normaliseEmail(trimmed);
      return address === undefined ? rejected('invalid_email') : accepted('Email', address);
    }
    case 'Phone':
    case 'Phone_E.164': {
      const hashed = namespace.code === 'Phone' ? 'Phone_SHA256' : 'Phone_SHA256_E.164';
      if (isSha256(trimmed)) return accepted(hashed, trimmed.toLowerCase());
      const phone = normalisePhone(trimmed, options.defaultRegion);
      return phone.ok ? accepted(namespace.code, phone.value) : rejected(phone.reason);
    }
    case 'Email_LC_SHA256':
    case 'Phone_SHA256':
    case 'Phone_SHA256_E.164':
      return isSha256(trimmed) ? accepted(namespace.code, trimmed.toLowerCase()) : rejected('invalid_hash');
    case 'ECID':
      return /^\d{38}$/.test(trimmed) ? accepted('ECID', trimmed) : rejected('invalid_ecid');
    case 'IDFA':
    case 'GAID':
      // Apple writes upper case, Google lower case, and sources mix them.
      return accepted(namespace.code, trimmed.toLowerCase());
    default:
      return accepted(namespace.code, trimmed);
  }
}

const accepted = (namespace: string, value: string): NormalisedIdentity => ({ ok: true, namespace, value });
const rejected = (reason: IdentityRejection): NormalisedIdentity => ({ ok: false, reason });
