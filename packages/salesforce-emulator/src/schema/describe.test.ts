import { expect, test } from 'vitest';
import { standardCatalog } from './catalog.ts';
import { describeObject } from './describe.ts';

/**
 * What describe calls of real orgs answered: name, type, size (length, digits, or precision.scale), and the flags
 * createable, updateable, nillable, defaulted, idLookup, groupable, filterable, sortable, aggregatable,
 * permissionable, restricted, Name field, searchprefilterable (x). Account, Contact and Lead as recorded in
 * CumulusCI's tests (v48 to v59; picklist lengths as they are since v52); Campaign and its members from
 * Salesforce's field reference and NetCoreForce's generated models.
 */
const recorded: Record<string, string> = {
  Account: `
    Id id 18 digfsa
    IsDeleted boolean 0 dgfs
    MasterRecordId reference 18 ngfsa
    Name string 255 cugfsaN
    Type picklist 255 cungfsap
    ParentId reference 18 cungfsapx
    BillingStreet textarea 255 cungfsap
    BillingCity string 40 cungfsap
    BillingState string 80 cungfsap
    BillingPostalCode string 20 cungfsap
    BillingCountry string 80 cungfsap
    BillingLatitude double 18.15 cunfsap
    BillingLongitude double 18.15 cunfsap
    BillingGeocodeAccuracy picklist 40 cungfsapr
    BillingAddress address 0 nfp
    ShippingStreet textarea 255 cungfsap
    ShippingCity string 40 cungfsap
    ShippingState string 80 cungfsap
    ShippingPostalCode string 20 cungfsap
    ShippingCountry string 80 cungfsap
    ShippingLatitude double 18.15 cunfsap
    ShippingLongitude double 18.15 cunfsap
    ShippingGeocodeAccuracy picklist 40 cungfsapr
    ShippingAddress address 0 nfp
    Phone phone 40 cungfsap
    Fax phone 40 cungfsap
    AccountNumber string 40 cungfsap
    Website url 255 cungfsap
    PhotoUrl url 255 ngfsa
    Sic string 20 cungfsap
    Industry picklist 255 cungfsap
    AnnualRevenue currency 18.0 cunfsap
    NumberOfEmployees int 8 cungfsap
    Ownership picklist 255 cungfsap
    TickerSymbol string 20 cungfsap
    Description textarea 32000 cunp
    Rating picklist 255 cungfsap
    Site string 80 cungfsap
    OwnerId reference 18 cudgfsa
    CreatedDate datetime 0 dfsa
    CreatedById reference 18 dgfsa
    LastModifiedDate datetime 0 dfsa
    LastModifiedById reference 18 dgfsa
    SystemModstamp datetime 0 dfsa
    LastActivityDate date 0 ngfsa
    LastViewedDate datetime 0 nfsa
    LastReferencedDate datetime 0 nfsa
    Jigsaw string 20 cungfsap
    JigsawCompanyId string 20 ngfsa
    CleanStatus picklist 40 cungfsapr
    AccountSource picklist 255 cungfsap
    DunsNumber string 9 cungfsap
    Tradestyle string 255 cungfsap
    NaicsCode string 8 cungfsap
    NaicsDesc string 120 cungfsap
    YearStarted string 4 cungfsap
    SicDesc string 80 cungfsap
  `,
  Contact: `
    Id id 18 digfsa
    IsDeleted boolean 0 dgfs
    MasterRecordId reference 18 ngfsa
    AccountId reference 18 cungfsapx
    LastName string 80 cugfsa
    FirstName string 40 cungfsa
    Salutation picklist 40 cungfsa
    Name string 121 gfsaN
    OtherStreet textarea 255 cungfsap
    OtherCity string 40 cungfsap
    OtherState string 80 cungfsap
    OtherPostalCode string 20 cungfsap
    OtherCountry string 80 cungfsap
    OtherLatitude double 18.15 cunfsap
    OtherLongitude double 18.15 cunfsap
    OtherGeocodeAccuracy picklist 40 cungfsapr
    OtherAddress address 0 nfp
    MailingStreet textarea 255 cungfsap
    MailingCity string 40 cungfsap
    MailingState string 80 cungfsap
    MailingPostalCode string 20 cungfsap
    MailingCountry string 80 cungfsap
    MailingLatitude double 18.15 cunfsap
    MailingLongitude double 18.15 cunfsap
    MailingGeocodeAccuracy picklist 40 cungfsapr
    MailingAddress address 0 nfp
    Phone phone 40 cungfsap
    Fax phone 40 cungfsap
    MobilePhone phone 40 cungfsap
    HomePhone phone 40 cungfsap
    OtherPhone phone 40 cungfsap
    AssistantPhone phone 40 cungfsap
    ReportsToId reference 18 cungfsapx
    Email email 80 cunigfsap
    Title string 128 cungfsap
    Department string 80 cungfsap
    AssistantName string 40 cungfsap
    LeadSource picklist 255 cungfsap
    Birthdate date 0 cungfsap
    Description textarea 32000 cunp
    OwnerId reference 18 cudgfsa
    CreatedDate datetime 0 dfsa
    CreatedById reference 18 dgfsa
    LastModifiedDate datetime 0 dfsa
    LastModifiedById reference 18 dgfsa
    SystemModstamp datetime 0 dfsa
    LastActivityDate date 0 ngfsa
    LastViewedDate datetime 0 nfsa
    LastReferencedDate datetime 0 nfsa
    EmailBouncedReason string 255 cungfsa
    EmailBouncedDate datetime 0 cunfsa
    IsEmailBounced boolean 0 dgfs
    PhotoUrl url 255 ngfsa
    Jigsaw string 20 cungfsap
    JigsawContactId string 20 ngfsa
    CleanStatus picklist 40 cungfsapr
  `,
  Lead: `
    Id id 18 digfsa
    IsDeleted boolean 0 dgfs
    MasterRecordId reference 18 ngfsa
    LastName string 80 cugfsa
    FirstName string 40 cungfsa
    Salutation picklist 40 cungfsa
    Name string 121 gfsaN
    Title string 128 cungfsap
    Company string 255 cugfsa
    Street textarea 255 cungfsap
    City string 40 cungfsap
    State string 80 cungfsap
    PostalCode string 20 cungfsap
    Country string 80 cungfsap
    Latitude double 18.15 cunfsap
    Longitude double 18.15 cunfsap
    GeocodeAccuracy picklist 40 cungfsapr
    Address address 0 nfp
    Phone phone 40 cungfsap
    MobilePhone phone 40 cungfsap
    Fax phone 40 cungfsap
    Email email 80 cunigfsap
    Website url 255 cungfsap
    PhotoUrl url 255 ngfsa
    Description textarea 32000 cunp
    LeadSource picklist 255 cungfsap
    Status picklist 255 cudgfsa
    Industry picklist 255 cungfsap
    Rating picklist 255 cungfsap
    AnnualRevenue currency 18.0 cunfsap
    NumberOfEmployees int 8 cungfsap
    OwnerId reference 18 cudgfsa
    IsConverted boolean 0 cdgfs
    ConvertedDate date 0 ngfsa
    ConvertedAccountId reference 18 ngfsax
    ConvertedContactId reference 18 ngfsax
    ConvertedOpportunityId reference 18 ngfsax
    IsUnreadByOwner boolean 0 cudgfs
    CreatedDate datetime 0 dfsa
    CreatedById reference 18 dgfsa
    LastModifiedDate datetime 0 dfsa
    LastModifiedById reference 18 dgfsa
    SystemModstamp datetime 0 dfsa
    LastActivityDate date 0 ngfsa
    LastViewedDate datetime 0 nfsa
    LastReferencedDate datetime 0 nfsa
    Jigsaw string 20 cungfsap
    JigsawContactId string 20 ngfsa
    CleanStatus picklist 40 cungfsapr
    CompanyDunsNumber string 9 cungfsap
    EmailBouncedReason string 255 ungfsa
    EmailBouncedDate datetime 0 unfsa
  `,
  Campaign: `
    Id id 18 digfsa
    IsDeleted boolean 0 dgfs
    Name string 80 cuigfsaN
    ParentId reference 18 cungfsapx
    Type picklist 40 cungfsap
    Status picklist 40 cundgfsap
    StartDate date 0 cungfsap
    ExpectedRevenue currency 18.0 cunfsap
    ActualCost currency 18.0 cunfsap
    ExpectedResponse percent 10.2 cundfsap
    NumberSent double 18.0 cundfsap
    IsActive boolean 0 cudgfsp
    Description textarea 32000 cunp
    NumberOfLeads int 9 dgfsa
    NumberOfContacts int 9 dgfsa
    NumberOfResponses int 9 dgfsa
    AmountAllOpportunities currency 18.0 dfsa
    OwnerId reference 18 cudgfsa
    CampaignMemberRecordTypeId reference 18 cungfsa
  `,
  CampaignMember: `
    CampaignId reference 18 cgfsax
    LeadId reference 18 cngfsax
    ContactId reference 18 cngfsax
    Status picklist 40 cungfsap
    HasResponded boolean 0 dgfs
    FirstRespondedDate date 0 ngfsa
    Name string 121 ngfsaN
    FirstName string 40 ngfsa
    LastName string 80 ngfsa
    Email email 80 ngfsa
    Description textarea 32000 n
    DoNotCall boolean 0 dgfs
    CompanyOrAccount string 255 ngfsa
    Type string 40 ngfsa
    LeadOrContactId reference 18 ngfsa
    LeadOrContactOwnerId reference 18 ngfsa
  `,
  CampaignMemberStatus: `
    Id id 18 digfsa
    CampaignId reference 18 cgfsax
    Label string 765 cugfsaN
    SortOrder int 9 cungfsa
    IsDefault boolean 0 cudgfs
    HasResponded boolean 0 cudgfs
  `,
};

const letters = {
  createable: 'c',
  updateable: 'u',
  nillable: 'n',
  defaultedOnCreate: 'd',
  idLookup: 'i',
  groupable: 'g',
  filterable: 'f',
  sortable: 's',
  aggregatable: 'a',
  permissionable: 'p',
  restrictedPicklist: 'r',
  nameField: 'N',
  searchPrefilterable: 'x',
};

// biome-ignore lint/suspicious/noExplicitAny: a describe body is looked into field by field
function line(field: any): string {
  const flags = Object.entries(letters).flatMap(([name, letter]) => (field[name] === true ? [letter] : []));
  const scaled = field.precision > 0 ? `${field.precision}.${field.scale}` : '0';
  return `${field.name} ${field.type} ${field.length || field.digits || scaled} ${flags.join('') || '-'}`;
}

function describeOf(name: string) {
  const object = standardCatalog.get(name.toLowerCase());
  if (object === undefined) throw new Error(`There is no ${name}.`);
  // biome-ignore lint/suspicious/noExplicitAny: a describe body is looked into field by field
  return describeObject(standardCatalog, object, '67.0') as any;
}

test.each(Object.entries(recorded))('%s has the fields of real orgs', (name, table) => {
  const expected = table.trim().split(/\n\s*/);
  const wanted = new Set(expected.map((text) => text.split(' ')[0]));
  // biome-ignore lint/suspicious/noExplicitAny: a describe body is looked into field by field
  const fields: any[] = describeOf(name).fields;
  expect(fields.filter((field) => wanted.has(field.name)).map(line)).toEqual(expected);
});

test('every object has the keys of the describe call, with JSON types that never change', () => {
  const shapes = new Map<string, string>();
  for (const object of standardCatalog.values()) {
    const body = describeOf(object.name);
    for (const field of body.fields)
      for (const [key, value] of Object.entries(field)) {
        if (value === null || key === 'defaultValue') continue;
        expect(shapes.get(key) ?? typeof value).toBe(typeof value);
        shapes.set(key, typeof value);
      }
    expect(Object.keys(body)).toEqual(Object.keys(describeOf('Contact')));
    expect(body.fields.map((field: object) => Object.keys(field).length)).toEqual(
      body.fields.map(() => Object.keys(describeOf('Contact').fields[0]).length),
    );
  }
});

test('relationships are named on both sides', () => {
  const account = describeOf('Account').childRelationships.map(
    // biome-ignore lint/suspicious/noExplicitAny: a describe body is looked into field by field
    (child: any) => [child.childSObject, child.field, child.relationshipName, child.cascadeDelete].join(' '),
  );
  expect(account).toEqual(
    expect.arrayContaining(['Contact AccountId Contacts true', 'Account ParentId ChildAccounts false']),
  );
  const contact = JSON.stringify(describeOf('Contact').childRelationships);
  expect(contact).toContain('"childSObject":"CampaignMember"');
  expect(contact).toContain('"relationshipName":"CampaignMembers"');
  const owner = describeOf('Lead').fields.find((field: { name: string }) => field.name === 'OwnerId');
  expect(owner).toMatchObject({
    referenceTo: ['Group', 'User'],
    namePointing: true,
    polymorphicForeignKey: true,
    relationshipName: 'Owner',
  });
});

test.each([
  ['Account', { mergeable: true, undeletable: true, createable: true, feedEnabled: true }],
  ['Campaign', { mergeable: false, undeletable: true, deepCloneable: true, feedEnabled: false }],
  ['CampaignMember', { undeletable: false, searchable: false, mruEnabled: false, layoutable: true }],
  ['Organization', { createable: false, deletable: false, searchable: false, triggerable: false }],
  ['User', { deletable: false, layoutable: true, mruEnabled: true, searchable: true, undeletable: false }],
])('%s has the traits of real orgs', (name, traits) => {
  expect(describeOf(name)).toMatchObject(traits);
});
