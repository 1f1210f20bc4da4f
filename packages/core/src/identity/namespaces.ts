/**
 * What kind of thing an identity names. `NON_PEOPLE` and `PARTNER` identities link nobody: they build no
 * identity graph. Source: the platform's identity service, features/namespaces.
 */
export type IdType = 'COOKIE' | 'CROSS_DEVICE' | 'DEVICE' | 'EMAIL' | 'PHONE' | 'NON_PEOPLE' | 'PARTNER';

/** The context that makes an identity value unique. */
export type IdentityNamespace = {
  /** Unique whatever its case; `Email`, `CRMID`. */
  readonly code: string;
  readonly title: string;
  readonly idType: IdType;
};

const namespace = (code: string, title: string, idType: IdType): IdentityNamespace => ({
  code,
  title,
  idType,
});

/** The namespaces every workspace has; nobody can change or delete them. */
export const standardNamespaces: readonly IdentityNamespace[] = [
  namespace('Email', 'E-mail', 'EMAIL'),
  namespace('Email_LC_SHA256', 'E-mail (SHA-256 of the lower-case address)', 'EMAIL'),
  namespace('Phone', 'Phone', 'PHONE'),
  namespace('Phone_E.164', 'Phone (E.164)', 'PHONE'),
  namespace('Phone_SHA256', 'Phone (SHA-256)', 'PHONE'),
  namespace('Phone_SHA256_E.164', 'Phone (SHA-256 of E.164)', 'PHONE'),
  namespace('ECID', 'Experience Cloud ID', 'COOKIE'),
  namespace('CORE', 'Audience Manager', 'COOKIE'),
  namespace('AdCloud', 'Advertising Cloud', 'COOKIE'),
  namespace('TNTID', 'Target', 'COOKIE'),
  namespace('AAID', 'Analytics (legacy ID)', 'COOKIE'),
  namespace('IDFA', 'Apple ID for advertisers', 'DEVICE'),
  namespace('GAID', 'Google advertising ID', 'DEVICE'),
  namespace('WAID', 'Windows advertising ID', 'DEVICE'),
  namespace('APNS', 'Apple push notification service', 'DEVICE'),
  namespace('FCM', 'Firebase cloud messaging', 'DEVICE'),
];

/** The namespace a code means, whatever its case (`PHONE_E.164` is in use too); undefined when there is none. */
export function findNamespace(
  code: string,
  custom: readonly IdentityNamespace[] = [],
): IdentityNamespace | undefined {
  const wanted = code.toLowerCase();
  return (
    standardByCode.get(wanted) ??
    custom.find((candidate) => candidate.code === code || candidate.code.toLowerCase() === wanted)
  );
}

const standardByCode: ReadonlyMap<string, IdentityNamespace> = new Map(
  standardNamespaces.map((standard) => [standard.code.toLowerCase(), standard]),
);
