import type { JsonObject } from '../xdm/field.ts';
import { valueAt, type XdmPath } from '../xdm/path.ts';

/** Channels of `consents.marketing` that hold a `val`. */
export type ConsentChannel = (typeof consentChannels)[number];
export const consentChannels = [
  'email',
  'push',
  'sms',
  'whatsApp',
  'call',
  'fax',
  'commercialEmail',
  'postalMail',
] as const;

/** `n` no, `dn` no by default; every other documented value (also pending and unknown) is not an opt-out. */
const optOuts: readonly unknown[] = ['n', 'dn'];

const anyChannel: XdmPath = ['consents', 'marketing', 'any', 'val'];

/** The attributes that decide; a change of one matters to delivery. */
export const consentPaths = (channel: ConsentChannel): readonly XdmPath[] => [
  anyChannel,
  ['consents', 'marketing', channel, 'val'],
];

/**
 * Whether the person opted out of marketing by a channel: by the channel itself, or by `any`, which overrides
 * all channels when it says no. Absent values are no opt-out.
 * Source: XDM consents field group ("any=n overrides channels, any=y fills those not n").
 * @returns the attribute that says no, or undefined.
 */
export function findOptOut(document: JsonObject, channel: ConsentChannel): string | undefined {
  return consentPaths(channel)
    .find((path) => optOuts.includes(valueAt(document, path)))
    ?.join('.');
}
