// Signs in with jsforce 3, upserts two Contacts and reads them: node examples/jsforce.mjs [URL]
import { Connection } from '@jsforce/jsforce-node';

const url = process.argv[2] ?? 'http://127.0.0.1:8083';
const connection = new Connection({
  loginUrl: url,
  version: '67.0',
  oauth2: {
    loginUrl: url,
    clientId: '3MVG9.emulator.sample.client.id',
    clientSecret: 'EMULATOR0SAMPLE0CLIENT0SECRET',
  },
});
await connection.login('integration@emulator.example', 'Emulator-Pass-1SampleSecurityToken00001');

const contacts = connection.sobject('Contact');
const results = await contacts.upsert(
  [
    { LastName: 'Rossi', FirstName: 'Anna', Email: 'anna.rossi@example.com' },
    { LastName: 'Novak', FirstName: 'Petr', Email: 'petr.novak@example.com' },
  ],
  'Email',
);
for (const { success, id, errors } of results) console.log(success ? id : errors);
for (const { Name, Email } of await contacts.find({ LastName: 'Rossi' }, ['Name', 'Email']))
  console.log(Name, Email);
