import { expect, test } from 'vitest';
import { redactPath } from './redact-path.ts';

const base = '/services/data/v67.0';

test.each([
  // Names of things and ids stay.
  [`${base}/composite/sobjects/Contact/Email`, `${base}/composite/sobjects/Contact/Email`],
  [`${base}/sobjects/Contact/describe`, `${base}/sobjects/Contact/describe`],
  [`${base}/sobjects/Contact/0035e00000AbCdEAAT`, `${base}/sobjects/Contact/0035e00000AbCdEAAT`],
  [
    `${base}/sobjects/Contact/0035e00000AbCdEAAT/Account`,
    `${base}/sobjects/Contact/0035e00000AbCdEAAT/Account`,
  ],
  [
    `${base}/jobs/ingest/7505e00000AbCdEAAT/successfulResults`,
    `${base}/jobs/ingest/7505e00000AbCdEAAT/successfulResults`,
  ],
  [`${base}/query/01g5e00000AbCdEAAT-2000`, `${base}/query/01g5e00000AbCdEAAT-2000`],
  ['/services/oauth2/token', '/services/oauth2/token'],
  // Keys do not, whatever they look like.
  [`${base}/sobjects/Contact/Customer_Id__c/Smith`, `${base}/sobjects/Contact/Customer_Id__c/?`],
  [`${base}/sobjects/Contact/Customer_Id__c/abcdefghijklmno`, `${base}/sobjects/Contact/Customer_Id__c/?`],
  [`${base}/sobjects/Contact/Email/ann%40x.example`, `${base}/sobjects/Contact/Email/?`],
  [`${base}/anything/ann@x.example/4711`, `${base}/anything/?/?`],
  [
    `${base}/composite/sobjects?ids=0035e00000AbCdEAAT,0035e00000AbCdFAAT&allOrNone=false`,
    `${base}/composite/sobjects?ids=0035e00000AbCdEAAT,…(2)&allOrNone=false`,
  ],
  [`${base}/parameterizedSearch?q=Smith&name=Smith`, `${base}/parameterizedSearch?q=Smith&name=?`],
  // Literals of queries.
  [
    `${base}/query?q=SELECT+Id,Email+FROM+Contact+WHERE+Email+IN+('ann@x.example','o%5C'brien@x.example')`,
    `${base}/query?q=SELECT Id,Email FROM Contact WHERE Email IN (?,…)`,
  ],
  [
    `${base}/query?q=SELECT%20Id%20FROM%20A1__c%20WHERE%20Num__c%20%3D%2047.11%20AND%20B__c%3E2026-01-01T00:00:00Z`,
    `${base}/query?q=SELECT Id FROM A1__c WHERE Num__c = ? AND B__c>?`,
  ],
  [`${base}/query?q=SELECT+Id+WHERE+Name='cut of`, `${base}/query?q=SELECT Id WHERE Name=?`],
  [`${base}/query?q=%ZZsecret`, `${base}/query?q=?`],
])('%s is kept as %s', (path, kept) => {
  expect(redactPath(path)).toBe(kept);
});

test('is of bounded length', () => {
  const fields = Array.from({ length: 500 }, (_, at) => `Field_${at}__c`).join();
  expect(redactPath(`${base}/query?q=SELECT+${fields}+FROM+Contact`)).toHaveLength(500);
});
