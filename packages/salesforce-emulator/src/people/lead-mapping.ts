/**
 * Where a conversion writes a Lead's standard fields. Source: "Lead Conversion Field Mapping" in Salesforce Help,
 * 2026. Custom fields are not mapped until an administrator says so, and here none can.
 */
export const accountFromLead: ReadonlyMap<string, string> = new Map([
  ['Company', 'Name'],
  ['Phone', 'Phone'],
  ['Fax', 'Fax'],
  ['Website', 'Website'],
  ['Industry', 'Industry'],
  ['Rating', 'Rating'],
  ['AnnualRevenue', 'AnnualRevenue'],
  ['NumberOfEmployees', 'NumberOfEmployees'],
  ['LeadSource', 'AccountSource'],
  ['CompanyDunsNumber', 'DunsNumber'],
  ...addressTo('Billing'),
]);

export const contactFromLead: ReadonlyMap<string, string> = new Map([
  ...[
    'Salutation',
    'FirstName',
    'LastName',
    'Title',
    'Email',
    'Phone',
    'MobilePhone',
    'Fax',
    'LeadSource',
    'Description',
    'HasOptedOutOfEmail',
    'HasOptedOutOfFax',
    'DoNotCall',
  ].map((name) => [name, name] as const),
  ...addressTo('Mailing'),
]);

function addressTo(prefix: string): readonly (readonly [string, string])[] {
  const parts = [
    'Street',
    'City',
    'State',
    'StateCode',
    'PostalCode',
    'Country',
    'CountryCode',
    'Latitude',
    'Longitude',
    'GeocodeAccuracy',
  ];
  return parts.map((part) => [part, `${prefix}${part}`] as const);
}
