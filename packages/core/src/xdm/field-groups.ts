import type { XdmClassId } from './classes.ts';
import { consents } from './consents.ts';
import {
  emailAddress,
  identityMap,
  measure,
  order,
  person,
  phoneNumber,
  postalAddress,
  productListItems,
  sourceKey,
} from './data-types.ts';
import type { XdmField } from './field.ts';
import { array, boolean, choice, dateTime, map, number, object, text } from './field-builders.ts';

/** A reusable set of fields that schemas of the named classes can include. Custom ones have the same shape. */
export type FieldGroup = {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly classIds: readonly XdmClassId[];
  readonly properties: Readonly<Record<string, XdmField>>;
  /** Names of properties without which a record is refused. */
  readonly required?: readonly string[];
};

const profile: readonly XdmClassId[] = ['xdm.individual-profile'];
const event: readonly XdmClassId[] = ['xdm.experience-event'];
const either: readonly XdmClassId[] = [...profile, ...event];

const loyalty = object('Loyalty', {
  loyaltyID: array('Loyalty IDs', text('Loyalty ID')),
  program: text('Program'),
  status: text('Status'),
  joinDate: dateTime('Join date'),
  tier: text('Tier'),
  nextTier: text('Next tier'),
  tierUpgradeDate: dateTime('Tier upgrade date'),
  tierExpiryDate: dateTime('Tier expiry date'),
  upgradeDate: text('Upgrade date', { description: 'Superseded by tierUpgradeDate.' }),
  points: number('Points'),
  pointsRedeemed: number('Points redeemed'),
  pointsToNextTier: number('Points to next tier'),
  pointsExpiration: array(
    'Points expiration',
    object('Expiration', {
      pointsExpiring: number('Points expiring'),
      pointsExpirationDate: dateTime('Expiration date'),
    }),
  ),
  adjustedPoints: number('Adjusted points'),
  expiredPoints: number('Expired points'),
  promisedPoints: number('Promised points'),
  returnedPoints: number('Returned points'),
  lifetimePoints: number('Lifetime points'),
  lifetimePurchases: number('Lifetime purchases'),
});

const b2b = object('Business person', {
  companyName: text('Company name'),
  companyWebsite: text('Company website'),
  accountID: text('Account ID'),
  accountKey: sourceKey('Account key'),
  personKey: sourceKey('Person key'),
  personType: text('Person type'),
  personStatus: text('Person status'),
  personSource: text('Person source'),
  personScore: number('Person score'),
  personGroupID: text('Person group ID'),
  isConverted: boolean('Converted'),
  convertedDate: dateTime('Converted at'),
  convertedContactID: text('Converted contact ID'),
  convertedContactKey: sourceKey('Converted contact key'),
  isBlocked: boolean('Blocked'),
  blockedCause: text('Blocked cause'),
  isMarketingSuspended: boolean('Marketing suspended'),
  marketingSuspendedCause: text('Marketing suspended cause'),
});

const commerce = object('Commerce', {
  order,
  promotionID: text('Promotion ID'),
  purchases: measure('Purchases'),
  checkouts: measure('Checkouts'),
  cartAbandons: measure('Cart abandons'),
  productViews: measure('Product views'),
  productListOpens: measure('Cart opens'),
  productListAdds: measure('Cart adds'),
  productListRemovals: measure('Cart removals'),
  productListReopens: measure('Cart reopens'),
  productListViews: measure('Cart views'),
  saveForLaters: measure('Save for laters'),
  inStorePurchase: measure('In-store purchases'),
});

/** Source: github.com/adobe/xdm, docs/reference/context/segmentmembership.schema.md. */
const segmentMembership = {
  ...map(
    'Segment memberships by namespace',
    map(
      'Segment memberships',
      object('Segment membership', {
        status: choice('Status', ['realized', 'existing', 'exited']),
        version: text('Version'),
        lastQualificationTime: dateTime('Last qualification time'),
        validUntil: dateTime('Valid until'),
        payload: object('Payload', {
          payloadType: choice('Payload type', ['boolean', 'number', 'propensity', 'string']),
          payloadBooleanValue: boolean('Payload boolean value'),
          payloadNumberValue: number('Payload number value'),
          payloadPropensityValue: number('Payload propensity value', { minimum: 0, maximum: 1 }),
          payloadStringValue: text('Payload string value'),
        }),
      }),
    ),
  ),
  readOnly: true,
} as const satisfies XdmField;

/** The standard field groups, with the paths of github.com/adobe/xdm components/fieldgroups (read 2025-11). */
export const standardFieldGroups: readonly FieldGroup[] = [
  { id: 'xdm.demographic-details', title: 'Demographic Details', classIds: either, properties: { person } },
  {
    id: 'xdm.personal-contact-details',
    title: 'Personal Contact Details',
    classIds: either,
    properties: {
      personalEmail: emailAddress('Personal e-mail'),
      mobilePhone: phoneNumber('Mobile phone'),
      homePhone: phoneNumber('Home phone'),
      faxPhone: phoneNumber('Fax phone'),
      shippingAddressPhone: phoneNumber('Shipping address phone'),
      billingAddressPhone: phoneNumber('Billing address phone'),
      homeAddress: postalAddress('Home address'),
      mailingAddress: postalAddress('Mailing address'),
      shippingAddress: postalAddress('Shipping address'),
      billingAddress: postalAddress('Billing address'),
    },
  },
  {
    id: 'xdm.work-contact-details',
    title: 'Work Contact Details',
    classIds: profile,
    properties: {
      workEmail: emailAddress('Work e-mail'),
      workPhone: phoneNumber('Work phone'),
      workAddress: postalAddress('Work address'),
      organizations: array('Organizations', text('Organization')),
    },
  },
  {
    id: 'xdm.business-person-details',
    title: 'XDM Business Person Details',
    classIds: profile,
    properties: { b2b },
  },
  {
    id: 'xdm.consent-and-preference-details',
    title: 'Consent and Preference Details',
    classIds: profile,
    properties: { consents },
  },
  { id: 'xdm.identity-map', title: 'IdentityMap', classIds: either, properties: { identityMap } },
  { id: 'xdm.loyalty-details', title: 'Loyalty Details', classIds: profile, properties: { loyalty } },
  {
    id: 'xdm.external-source-system-audit-details',
    title: 'External Source System Audit Details',
    classIds: profile,
    properties: {
      extSourceSystemAudit: object('External source system audit', {
        externalID: text('External ID'),
        externalKey: sourceKey('External key'),
        createdBy: text('Created by'),
        createdDate: dateTime('Created at'),
        lastUpdatedBy: text('Last updated by'),
        lastUpdatedDate: dateTime('Last updated at'),
        lastActivityDate: dateTime('Last activity at'),
        lastReferencedDate: dateTime('Last referenced at'),
        lastViewedDate: dateTime('Last viewed at'),
      }),
    },
  },
  {
    id: 'xdm.segment-membership-details',
    title: 'Segment Membership Details',
    description: 'Written by Headrace as segments are evaluated; a record that carries it is refused.',
    classIds: profile,
    properties: { segmentMembership },
  },
  {
    id: 'xdm.commerce-details',
    title: 'Commerce Details',
    classIds: event,
    properties: { commerce, productListItems },
  },
];

/** The field groups whose fields only Headrace writes. */
export const systemFieldGroupIds: readonly string[] = standardFieldGroups
  .filter(({ properties }) => Object.values(properties).every((field) => field.readOnly === true))
  .map(({ id }) => id);
