import { describe, expect, test } from 'vitest';
import { composeSchema } from './compose.ts';
import { compileCsvMapping } from './csv-mapping.ts';
import { suggestCsvMapping } from './csv-suggestion.ts';

const profile = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: [
    'xdm.demographic-details',
    'xdm.personal-contact-details',
    'xdm.work-contact-details',
    'xdm.business-person-details',
    'xdm.consent-and-preference-details',
    'xdm.loyalty-details',
    'xdm.external-source-system-audit-details',
  ],
});
const identities = [
  { path: 'personID', namespace: 'CRMID', primary: true },
  { path: 'personalEmail.address', namespace: 'Email', primary: false },
];
const suggest = (header: string, ...rows: string[]) =>
  suggestCsvMapping(
    { header: header.split(';'), rows: rows.map((row) => row.split(';')) },
    profile,
    identities,
  );
const pathsOf = (header: string, ...rows: string[]) =>
  Object.fromEntries(suggest(header, ...rows).columns.map(({ column, path }) => [column, path]));

describe('headers of exports', () => {
  test('of a shop (examples/customers.csv)', () => {
    const header =
      'customer_id;email;first_name;last_name;phone;street;city;state;postal_code;country;company;birth_date;loyalty_tier;loyalty_points;marketing_email;updated_at';
    const row =
      'WEB-1;a@example.org;Olivia;Marsh;+44-29-2018-0406;51 High Street;Cardiff;Wales;CF10 4EP;GB;Acme;1950-01-25;Bronze;202;yes;2023-01-01T01:51:10Z';
    expect(pathsOf(header, row)).toEqual({
      customer_id: 'personID',
      email: 'personalEmail.address',
      first_name: 'person.name.firstName',
      last_name: 'person.name.lastName',
      phone: 'mobilePhone.number',
      street: 'homeAddress.street1',
      city: 'homeAddress.city',
      state: 'homeAddress.state',
      postal_code: 'homeAddress.postalCode',
      country: 'homeAddress.country',
      company: 'b2b.companyName',
      birth_date: 'person.birthDate',
      loyalty_tier: 'loyalty.tier',
      loyalty_points: 'loyalty.points',
      marketing_email: 'consents.marketing.email.val',
      updated_at: 'extSourceSystemAudit.lastUpdatedDate',
    });
    const { mapping, columns } = suggest(header, row);
    expect(() => compileCsvMapping(mapping, profile)).not.toThrow();
    expect(columns.filter(({ identity }) => identity !== undefined).map(({ identity }) => identity)).toEqual([
      'CRMID',
      'Email',
    ]);
    expect(mapping?.columns.marketing_email).toEqual({
      path: 'consents.marketing.email.val',
      values: { yes: 'y', no: 'n' },
    });
  });

  test('of HubSpot', () => {
    expect(
      pathsOf(
        'Record ID;First Name;Last Name;Email;Phone Number;Mobile Phone Number;Street Address;City;State/Region;Postal Code;Country/Region;Company Name;Create Date;Last Modified Date',
        '51;Ann;Lee;ann@example.org;+12125550123;+12125550199;1 Main St;Boston;MA;02110;United States;Acme;2024-05-01 10:22;2024-06-13 08:01',
      ),
    ).toEqual({
      'Record ID': 'personID',
      'First Name': 'person.name.firstName',
      'Last Name': 'person.name.lastName',
      Email: 'personalEmail.address',
      'Phone Number': 'homePhone.number',
      'Mobile Phone Number': 'mobilePhone.number',
      'Street Address': 'homeAddress.street1',
      City: 'homeAddress.city',
      'State/Region': 'homeAddress.state',
      'Postal Code': 'homeAddress.postalCode',
      'Country/Region': 'homeAddress.country',
      'Company Name': 'b2b.companyName',
      'Create Date': 'extSourceSystemAudit.createdDate',
      'Last Modified Date': 'extSourceSystemAudit.lastUpdatedDate',
    });
  });

  test('of Salesforce', () => {
    expect(
      pathsOf(
        'Contact ID;Salutation;First Name;Last Name;Account Name;Mailing Street;Mailing City;Mailing State/Province;Mailing Zip/Postal Code;Mailing Country;Phone;Fax;Mobile;Email;Birthdate;Email Opt Out',
        '003;Ms.;Ann;Lee;Acme;1 Main St;Boston;MA;02110;USA;+12125550123;;+12125550199;ann@example.org;25/12/1980;0',
      ),
    ).toEqual({
      'Contact ID': 'personID',
      Salutation: 'person.name.courtesyTitle',
      'First Name': 'person.name.firstName',
      'Last Name': 'person.name.lastName',
      'Account Name': 'b2b.companyName',
      'Mailing Street': 'mailingAddress.street1',
      'Mailing City': 'mailingAddress.city',
      'Mailing State/Province': 'mailingAddress.state',
      'Mailing Zip/Postal Code': 'mailingAddress.postalCode',
      'Mailing Country': 'mailingAddress.country',
      Phone: 'homePhone.number',
      Fax: 'faxPhone.number',
      Mobile: 'mobilePhone.number',
      Email: 'personalEmail.address',
      Birthdate: 'person.birthDate',
      // The opposite of a consent: only a person can say what it means.
      'Email Opt Out': null,
    });
  });

  test('of Shopify', () => {
    expect(
      pathsOf(
        'Customer ID;First Name;Last Name;Email;Accepts Email Marketing;Default Address Company;Default Address Address1;Default Address Address2;Default Address City;Default Address Province Code;Default Address Country Code;Default Address Zip;Default Address Phone;Phone;Accepts SMS Marketing;Total Spent;Note',
        "7064;Ann;Lee;ann@example.org;yes;;1 Main St;;Boston;MA;US;'02110;;+12125550123;no;102.50;",
      ),
    ).toMatchObject({
      'Customer ID': 'personID',
      'Accepts Email Marketing': 'consents.marketing.email.val',
      'Default Address Address1': 'homeAddress.street1',
      'Default Address Address2': 'homeAddress.street2',
      'Default Address City': 'homeAddress.city',
      'Default Address Province Code': 'homeAddress.state',
      'Default Address Country Code': 'homeAddress.countryCode',
      'Default Address Zip': 'homeAddress.postalCode',
      Phone: 'mobilePhone.number',
      'Accepts SMS Marketing': 'consents.marketing.sms.val',
      'Total Spent': 'loyalty.lifetimePurchases',
      Note: null,
    });
  });
});

test('events say whose they are in the identity map', () => {
  const order = composeSchema({
    classId: 'xdm.experience-event',
    fieldGroupIds: ['xdm.commerce-details', 'xdm.identity-map'],
  });
  const header = 'event_id;customer_id;ordered_at;currency;total;sku;product;quantity;item_total'.split(';');
  const row = 'O-1;WEB-1;2023-01-01T05:03:18Z;USD;54.90;LMP-101;Desk lamp, brass;1;54.90'.split(';');
  const { mapping } = suggestCsvMapping({ header, rows: [row] }, order, [], ['CRMID']);
  expect(mapping).toEqual({
    columns: {
      event_id: '_id',
      customer_id: 'identityMap.CRMID[0].id',
      ordered_at: 'timestamp',
      currency: 'commerce.order.currencyCode',
      total: 'commerce.order.priceTotal',
      sku: 'productListItems[0].SKU',
      product: 'productListItems[0].name',
      quantity: 'productListItems[0].quantity',
      item_total: 'productListItems[0].priceTotal',
    },
    constants: { 'identityMap.CRMID[0].primary': true },
  });
  expect(() => compileCsvMapping(mapping, order)).not.toThrow();
  const byMail = suggestCsvMapping({ header: ['x', 'email'], rows: [] }, order, [], []);
  expect(byMail.mapping).toEqual({
    columns: { email: 'identityMap.Email[0].id' },
    constants: { 'identityMap.Email[0].primary': true },
  });
});

describe('values', () => {
  const birth = (...cells: string[]) => suggest('Birthdate', ...cells).columns[0];

  test.each([
    [['1980-12-25'], undefined],
    [['12/25/1980', '01/02/1990'], 'MM/DD/YYYY'],
    [['25/12/1980', '01/02/1990'], 'DD/MM/YYYY'],
    [['25.12.1980', '1.2.1990'], 'D.M.YYYY'],
    [['01.02.1990'], 'DD.MM.YYYY'],
    [['19801225'], 'YYYYMMDD'],
  ])('%j as days are read as %s', (cells, format) => {
    expect(birth(...cells)).toMatchObject({ path: 'person.birthDate' });
    expect(birth(...cells)?.format).toBe(format);
  });

  test('days of unclear order, day numbers and unclear commas are asked about, never guessed', () => {
    expect(birth('01/02/1990', '03/04/1991')?.question).toMatch(/MM\/DD\/YYYY or DD\/MM\/YYYY/);
    expect(birth('32874', '45000')?.question).toMatch(/spreadsheets count/);
    const points = suggest('points', '1,234').columns[0];
    expect(points?.question).toMatch(/comma/);
    expect(suggest('points', '1,234').mapping).toBeNull();
    expect(suggest('points', '1.234,50').columns[0]?.format).toBe('1.234,56');
    expect(suggest('points', 'many').columns[0]?.path).toBeNull();
  });

  test('addresses under a header that says nothing are found by their form', () => {
    expect(suggest('x1', 'a@example.org', 'b@example.org').columns[0]).toMatchObject({
      path: 'personalEmail.address',
      confidence: 0.6,
    });
  });

  test('of two columns for one field the better gets it', () => {
    expect(pathsOf('mail;email', 'a@example.org;b@example.org')).toEqual({
      mail: 'workEmail.address',
      email: 'personalEmail.address',
    });
    expect(pathsOf('first name;firstname;Vorname', 'a;b;c')).toEqual({
      'first name': 'person.name.firstName',
      firstname: null,
      Vorname: null,
    });
  });

  test('nothing personal stands in what is said', () => {
    const said = JSON.stringify(suggest('Birthdate;points;x1', '01/02/1990;1,234;ann@example.org'));
    expect(said).not.toMatch(/1990|1,234"|ann@/);
  });
});
