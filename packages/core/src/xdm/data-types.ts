import type { XdmArray, XdmMap, XdmObject } from './field.ts';
import { array, boolean, choice, date, integer, map, number, object, text } from './field-builders.ts';

/*
 * The data types that several field groups share, each defined once.
 * Paths and values as published in github.com/adobe/xdm, components/datatypes (read 2025-11).
 */

const contactStatus = choice('Status', [
  'active',
  'incomplete',
  'pending_verification',
  'blacklisted',
  'blocked',
]);

/** Parts of a name; `fullName` is how the person writes it. */
export const personName = (title: string): XdmObject =>
  object(title, {
    firstName: text('First name'),
    middleName: text('Middle name'),
    lastName: text('Last name'),
    courtesyTitle: text('Courtesy title'),
    suffix: text('Suffix'),
    fullName: text('Full name'),
  });

/**
 * An e-mail address. `address` carries no format rule: sources hold mistyped and hashed addresses too, and a
 * profile must not be lost for one; identity normalisation decides what an address is worth.
 */
export const emailAddress = (title: string): XdmObject =>
  object(title, {
    address: text('Address'),
    primary: boolean('Primary'),
    label: text('Label'),
    type: choice('Type', ['unknown', 'personal', 'work', 'education']),
    status: contactStatus,
    statusReason: text('Status reason'),
  });

/** A phone number as its source writes it. */
export const phoneNumber = (title: string): XdmObject =>
  object(title, {
    number: text('Number'),
    countryCode: text('Country calling code', { pattern: '^[0-9]{1,3}$' }),
    extension: text('Extension'),
    primary: boolean('Primary'),
    status: choice('Status', ['active', 'incomplete', 'blacklisted', 'blocked']),
    statusReason: text('Status reason'),
    validity: choice('Validity', ['consistent', 'inconsistent', 'incomplete', 'successfullyUsed']),
  });

/** A postal address. `country` is free text, `countryCode` ISO 3166-1 alpha-2, `stateProvince` ISO 3166-2. */
export const postalAddress = (title: string): XdmObject =>
  object(title, {
    street1: text('Street 1'),
    street2: text('Street 2'),
    street3: text('Street 3'),
    street4: text('Street 4'),
    postOfficeBox: text('Post office box', { maxLength: 20 }),
    city: text('City'),
    region: text('Region'),
    state: text('State'),
    stateProvince: text('State or province code', { pattern: '^[A-Z]{2}-[A-Z0-9]{1,3}$' }),
    postalCode: text('Postal code'),
    country: text('Country'),
    countryCode: text('Country code', { pattern: '^[A-Z]{2}$' }),
    label: text('Label'),
    primary: boolean('Primary'),
    status: contactStatus,
    statusReason: text('Status reason'),
    lastVerifiedDate: date('Last verified date'),
  });

/** A person as one is described apart from contact details. */
export const person: XdmObject = object('Person', {
  name: personName('Full name'),
  birthDate: date('Birth date'),
  birthDayAndMonth: text('Birth day and month', { pattern: '^[0-1][0-9]-[0-3][0-9]$' }),
  birthYear: integer('Birth year', { minimum: 1, maximum: 32_767 }),
  gender: choice('Gender', ['male', 'female', 'not_specified', 'non_specific']),
  maritalStatus: choice('Marital status', ['married', 'single', 'divorced', 'widowed', 'not_specified']),
  nationality: text('Nationality', { pattern: '^[A-Z]{2}$' }),
  taxId: text('Tax ID'),
});

/** Identities by namespace; what the platform calls `identityMap`. */
export const identityMap: XdmMap = map(
  'Identity map',
  array(
    'Identities',
    object(
      'Identity',
      {
        id: text('Identifier', { maxLength: 1024 }),
        primary: boolean('Primary'),
        authenticatedState: choice('Authenticated state', ['ambiguous', 'authenticated', 'loggedOut']),
      },
      ['id'],
    ),
  ),
);

/** The key of a record in the system it comes from. */
export const sourceKey = (title: string): XdmObject =>
  object(title, {
    sourceType: text('Source type'),
    sourceInstanceID: text('Source instance ID'),
    sourceID: text('Source ID'),
    sourceKey: text('Source key'),
  });

/** How often something happened, usually 1 in an event. */
export const measure = (title: string): XdmObject =>
  object(title, { id: text('Unique identifier'), value: number('Value') }, ['value']);

const currencyCode = text('Currency', { pattern: '^[A-Z]{3}$' });

/** An order; amounts are in `currencyCode` (ISO 4217). */
export const order: XdmObject = object('Order', {
  purchaseID: text('Purchase ID'),
  purchaseOrderNumber: text('Purchase order number'),
  currencyCode,
  priceTotal: number('Price total'),
  taxAmount: number('Tax amount'),
  discountAmount: number('Discount amount'),
  refundTotal: number('Total amount refunded'),
  orderType: choice('Order type', ['checkout', 'instant_purchase']),
});

/** The lines of an order or a cart; `priceTotal` is the whole line, not one piece. */
export const productListItems: XdmArray = array(
  'Product list items',
  object('Product list item', {
    SKU: text('SKU'),
    name: text('Name'),
    product: text('Product', { format: 'uri' }),
    productAddMethod: text('Product add method'),
    quantity: integer('Quantity', { minimum: 0 }),
    currencyCode,
    priceTotal: number('Price total'),
    discountAmount: number('Discount amount'),
  }),
);
