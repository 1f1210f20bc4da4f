import type { XdmField, XdmObject } from './field.ts';
import { array, choice, dateTime, map, object, text } from './field-builders.ts';

/**
 * Every documented consent value: yes, no, pending, unknown, default yes, default no, legitimate interest,
 * contract, legal obligation, vital interest, public interest.
 * Source: github.com/adobe/xdm, components/datatypes/consent/consent-preferences.schema.json (read 2025-11).
 */
export const consentValues = ['y', 'n', 'p', 'u', 'dy', 'dn', 'LI', 'CT', 'CP', 'VI', 'PI'] as const;

/** The channels a person can name as the preferred one. Same source as `consentValues`. */
export const preferredChannels = [
  'email',
  'push',
  'inApp',
  'sms',
  'whatsApp',
  'phone',
  'phyMail',
  'inVehicle',
  'inHome',
  'iot',
  'social',
  'other',
  'none',
  'unknown',
] as const;

const val = choice('Choice', consentValues);
const time = dateTime('Collected at');
const reason = text('Reason', { maxLength: 255 });

const consent = (title: string): XdmObject => object(title, { val }, ['val']);
const preference = (title: string): XdmObject => object(title, { val, time, reason }, ['val']);

const subscriptions = map(
  'Subscriptions',
  object('Subscription', {
    val,
    type: text('Subscription type', { maxLength: 15 }),
    topics: array('Topics', text('Topic', { maxLength: 25 })),
    subscribers: map(
      'Subscribers',
      object('Subscriber', { time, source: text('Source', { maxLength: 255 }) }),
    ),
  }),
);
const subscribable = (title: string): XdmObject =>
  object(title, { val, time, reason, subscriptions }, ['val']);

const adID = object(
  'Use advertiser ID',
  { val, idType: choice('Advertiser ID type', ['IDFA', 'GAID']), time, reason },
  ['val'],
);
const personalize = object('Personalize', { content: consent('Personalize content') });
const metadata = object('Consent metadata', { time: dateTime('Changed at') });

const unsubscribable = {
  call: preference('Calls'),
  fax: preference('Fax'),
  commercialEmail: preference('Commercial e-mail'),
  postalMail: preference('Postal mail'),
} as const satisfies Record<string, XdmField>;

const marketing = object('Marketing', {
  preferred: choice('Preferred channel', preferredChannels),
  any: preference('Any direct marketing'),
  email: subscribable('E-mail'),
  push: subscribable('Push notifications'),
  sms: subscribable('SMS'),
  whatsApp: subscribable('WhatsApp'),
  ...unsubscribable,
});

const identifierMarketing = object('Marketing', {
  email: preference('E-mail'),
  push: preference('Push notifications'),
  sms: preference('SMS'),
  whatsApp: preference('WhatsApp'),
  ...unsubscribable,
});

const common = {
  collect: consent('Data collection'),
  share: consent('Share data'),
  adID,
  personalize,
  metadata,
} as const satisfies Record<string, XdmField>;

/** `consents`: what a person allows, for all of them and for single identifiers (`idSpecific.<namespace>.<id>`). */
export const consents: XdmObject = object('Consents and preferences', {
  ...common,
  marketing,
  idSpecific: map(
    'Identifier specific',
    map('Identifier type', object('Identifier', { ...common, marketing: identifierMarketing })),
  ),
});
