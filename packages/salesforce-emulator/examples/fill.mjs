// Puts some people into an org started with --org examples/org.json: node examples/fill.mjs [URL]
const org = process.argv[2] ?? 'http://127.0.0.1:8083';
const base = '/services/data/v67.0';

async function send(method, path, body, headers = {}) {
  const response = await fetch(org + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) console.error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const signIn = await fetch(`${org}/services/oauth2/token`, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: '3MVG9.harbour.sample.client.id',
    client_secret: 'HARBOUR0SAMPLE0CLIENT0SECRET',
  }),
});
const { access_token: token } = await signIn.json();
const api = (method, path, body) =>
  send(method, base + path, body, {
    authorization: `Bearer ${token}`,
    'sforce-call-options': 'client=loyalty-sync',
  });

const people = [
  ['Anna', 'Rossi', 'Gold', 'Genoa', 'IT', '+39 010 555 0101'],
  ['Petr', 'Novák', 'Silver', 'Prague', 'CZ', '+420 225 550 102'],
  ['Chidi', 'Okafor', 'Bronze', 'Lagos', 'NG', '+234 1 555 0103'],
  ['Marie', 'Dubois', 'Gold', 'Nantes', 'FR', '+33 1 99 00 01 04'],
  ['Yuki', 'Tanaka', 'Silver', 'Yokohama', 'JP', '+81 45 555 0105'],
  ['Sofia', 'Lindqvist', 'Gold', 'Malmö', 'SE', '+46 40 555 01 06'],
  ['Diego', 'Herrera', 'Bronze', 'Valencia', 'ES', '+34 960 555 107'],
  ['Grace', 'Mbeki', 'Silver', 'Durban', 'ZA', '+27 31 555 0108'],
  ['Liam', 'Murphy', 'Bronze', 'Cork', 'IE', '+353 20 910 0109'],
  ['Elena', 'Popescu', 'Gold', 'Constanța', 'RO', '+40 241 555 110'],
];
const contact = (
  [FirstName, LastName, Loyalty_Tier__c, MailingCity, MailingCountryCode, MobilePhone],
  index,
) => ({
  attributes: { type: 'Contact' },
  Customer_Id__c: `C-${1001 + index}`,
  FirstName,
  LastName,
  Email: `${FirstName}.${LastName}@example.com`.normalize('NFD').replace(/[^\w.@]/g, ''),
  MobilePhone,
  MailingCity,
  MailingCountryCode,
  Loyalty_Tier__c,
});

await api('PATCH', '/composite/sobjects/Contact/Customer_Id__c', { records: people.map(contact) });
await api('POST', '/composite', {
  allOrNone: true,
  compositeRequest: [
    { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'shop', body: { Name: 'Harbour Café' } },
    {
      method: 'PATCH',
      url: `${base}/sobjects/Contact/Customer_Id__c/C-1001`,
      referenceId: 'anna',
      body: { AccountId: '@{shop.id}', Title: 'Owner' },
    },
  ],
});
await api('POST', '/sobjects/Lead', {
  LastName: 'Bianchi',
  FirstName: 'Luca',
  Company: 'Molo Srl',
  Country: 'Italy',
});
// What a person changes in Salesforce's own pages, and what the sync makes of it an hour later.
const { records } = await (
  await fetch(
    `${org + base}/query?q=${encodeURIComponent("SELECT Id FROM Contact WHERE Customer_Id__c = 'C-1001'")}`,
    {
      headers: { authorization: `Bearer ${token}` },
    },
  )
).json();
await send('POST', '/emulator/clock', { advance_ms: 3_600_000 });
await send('PATCH', `/emulator/records/Contact/${records[0].Id}`, {
  as: 'ruth@harbour.example',
  fields: { MobilePhone: '+39 010 555 0199' },
});
await send('POST', '/emulator/clock', { advance_ms: 1_800_000 });
await api('PATCH', '/sobjects/Contact/Customer_Id__c/C-1001', { Loyalty_Tier__c: 'Silver' });
console.log(`${org}/record/${records[0].Id}`);
