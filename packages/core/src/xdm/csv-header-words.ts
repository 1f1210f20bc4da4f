/** A header as plain words: `FirstName`, `first_name` and `E-Mail 1` become `first name`, `first name`, `e mail 1`. */
export const headerWords = (header: string): string =>
  header
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();

type Synonyms = Readonly<Record<string, readonly string[]>>;

/**
 * Field → what it is called, the most usual first. Of fields with the same name the upper one counts first.
 * An opt-out is the opposite of a consent and is taken for none by its name.
 */
const fieldSynonyms: Synonyms = {
  'person.name.firstName': [
    'first name',
    'given name',
    'forename',
    'firstname',
    'name first',
    'first',
    'vorname',
  ],
  'person.name.lastName': [
    'last name',
    'surname',
    'family name',
    'lastname',
    'name last',
    'last',
    'nachname',
  ],
  'person.name.middleName': ['middle name', 'second name', 'middle initial'],
  'person.name.fullName': ['full name', 'name', 'display name', 'contact name', 'customer name'],
  'person.name.courtesyTitle': ['salutation', 'courtesy title', 'name prefix', 'prefix'],
  'person.name.suffix': ['suffix', 'name suffix'],
  'person.birthDate': ['birth date', 'birthdate', 'date of birth', 'dob', 'birthday', 'born'],
  'person.birthYear': ['birth year', 'year of birth'],
  'person.gender': ['gender', 'sex'],
  'person.maritalStatus': ['marital status'],
  'person.nationality': ['nationality'],
  'personalEmail.address': [
    'email',
    'e mail',
    'email address',
    'e mail address',
    'mail',
    'personal email',
    'email 1',
  ],
  'workEmail.address': [
    'work email',
    'business email',
    'company email',
    'work e mail',
    'email',
    'email address',
  ],
  'mobilePhone.number': [
    'mobile',
    'mobile phone',
    'mobile number',
    'mobile phone number',
    'cell',
    'cell phone',
    'phone',
    'phone number',
    'telephone',
    'tel',
    'default address phone',
  ],
  'homePhone.number': ['home phone', 'home phone number', 'phone', 'phone number', 'telephone'],
  'workPhone.number': ['work phone', 'business phone', 'office phone', 'phone', 'phone number'],
  'faxPhone.number': ['fax', 'fax number'],
  'identityMap.Email[0].id': ['email', 'e mail', 'email address', 'customer email'],
  'identityMap.Phone[0].id': ['phone', 'phone number', 'customer phone'],
  _id: ['event id', 'id'],
  'b2b.companyName': ['company', 'company name', 'account name', 'organization', 'organisation', 'employer'],
  'b2b.companyWebsite': ['website', 'company website', 'website url'],
  'b2b.personScore': ['lead score', 'hub spot score', 'score'],
  'b2b.personSource': ['lead source', 'original source'],
  'b2b.personStatus': ['lead status', 'lifecycle stage'],
  'loyalty.tier': ['tier', 'loyalty tier', 'level', 'loyalty level', 'membership level'],
  'loyalty.points': ['points', 'loyalty points', 'points balance'],
  'loyalty.loyaltyID[0]': ['loyalty id', 'loyalty number', 'membership number'],
  'loyalty.joinDate': ['join date', 'joined', 'member since', 'enrollment date'],
  'loyalty.status': ['loyalty status'],
  'loyalty.lifetimePurchases': ['total spent', 'lifetime value', 'total revenue'],
  'consents.marketing.email.val': [
    'accepts email marketing',
    'accepts marketing',
    'marketing email',
    'email consent',
    'email opt in',
    'newsletter',
  ],
  'consents.marketing.sms.val': ['accepts sms marketing', 'sms consent', 'sms opt in', 'marketing sms'],
  'extSourceSystemAudit.lastUpdatedDate': [
    'last modified date',
    'last modified',
    'updated at',
    'last updated',
    'modified date',
    'system modstamp',
    'updated',
  ],
  'extSourceSystemAudit.createdDate': [
    'created date',
    'create date',
    'created at',
    'creation date',
    'created',
  ],
  timestamp: [
    'timestamp',
    'time',
    'event time',
    'ordered at',
    'order date',
    'occurred at',
    'date',
    'created at',
  ],
  'commerce.order.purchaseID': ['order id', 'order number', 'purchase id'],
  'commerce.order.priceTotal': ['order total', 'total', 'total price', 'amount'],
  'commerce.order.currencyCode': ['currency', 'currency code'],
  'productListItems[0].SKU': ['sku', 'product id', 'item id', 'lineitem sku'],
  'productListItems[0].name': ['product', 'product name', 'item', 'item name', 'lineitem name'],
  'productListItems[0].quantity': ['quantity', 'qty', 'lineitem quantity'],
  'productListItems[0].priceTotal': ['item total', 'line total'],
};

/** What the key of a customer is called; which field holds it, the schema's identities say. */
const customerKeys = [
  'customer id',
  'customer number',
  'customer no',
  'crm id',
  'crmid',
  'contact id',
  'record id',
  'id',
  'user id',
  'member id',
  'client id',
  'account number',
  'person id',
];

const addresses: Synonyms = {
  homeAddress: ['', 'home ', 'default address ', 'address ', 'residential '],
  mailingAddress: ['mailing ', 'mail ', 'postal ', ''],
  shippingAddress: ['shipping ', 'delivery ', ''],
  billingAddress: ['billing ', 'invoice ', ''],
  workAddress: ['work ', 'business ', 'office ', 'company ', ''],
};
const addressParts: Synonyms = {
  street1: [
    'street',
    'street 1',
    'street1',
    'street address',
    'address',
    'address 1',
    'address1',
    'address line 1',
    'line 1',
  ],
  street2: ['street 2', 'street2', 'address 2', 'address2', 'address line 2', 'line 2', 'apartment'],
  city: ['city', 'town', 'locality'],
  state: [
    'state',
    'province',
    'state province',
    'state region',
    'region',
    'county',
    'state code',
    'province code',
  ],
  postalCode: ['zip', 'zip code', 'postal code', 'postcode', 'post code', 'zip postal code', 'zipcode'],
  country: ['country', 'country region', 'country name'],
  countryCode: ['country code', 'country'],
};

/** A field that a header is known to mean, and how much that says: 0 to 1. */
export type KnownPath = { readonly path: string; readonly confidence: number };

const best = 0.95;
/** Off for each field that the words mean rather, and for each name of the field that is more usual. */
const offByField = 0.05;
const offByName = 0.002;

const knownByWords: ReadonlyMap<string, readonly KnownPath[]> = indexWords();

/**
 * Fields that a header is known to mean, likeliest first.
 * @param keyPath the field that holds the customer's key
 */
export function knownPaths(words: string, keyPath: string): readonly KnownPath[] {
  const known = knownByWords.get(words) ?? [];
  const rank = customerKeys.indexOf(words);
  if (rank < 0) return known;
  return [{ path: keyPath, confidence: best - rank * offByName }, ...known];
}

function indexWords(): Map<string, KnownPath[]> {
  const index = new Map<string, KnownPath[]>();
  const add = (path: string, all: readonly string[], prefix = '') => {
    for (const [rank, name] of all.entries()) {
      const known = index.get(prefix + name) ?? [];
      if (known.some((other) => other.path === path)) continue;
      const confidence = best - known.length * offByField - rank * offByName;
      index.set(prefix + name, [...known, { path, confidence }]);
    }
  };
  for (const [path, all] of Object.entries(fieldSynonyms)) add(path, all);
  for (const [address, prefixes] of Object.entries(addresses))
    for (const prefix of prefixes)
      for (const [part, all] of Object.entries(addressParts)) add(`${address}.${part}`, all, prefix);
  return index;
}
