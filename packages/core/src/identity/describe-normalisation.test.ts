import { expect, test } from 'vitest';
import { describeNormalisation } from './describe-normalisation.ts';
import { standardNamespaces } from './namespaces.ts';
import { normaliseIdentity } from './normalise.ts';

const samples = [
  ' User@Example.com ',
  ' +43 1 5350000 ',
  ` ${'aB'.repeat(32)} `,
  ' 12345678901234567890123456789012345678 ',
  ' AbC-1 ',
];

test.each(standardNamespaces)('what is said of $code is what is done', (namespace) => {
  const said = describeNormalisation(namespace);
  for (const sample of samples) {
    const result = normaliseIdentity(namespace, sample, { defaultRegion: 'AT' });
    if (!result.ok) continue;
    expect(result.value).toBe(result.value.trim());
    if (result.namespace !== namespace.code) expect(said).toContain(`counts as ${result.namespace}`);
    else if (said.includes('lower case')) expect(result.value).toBe(sample.trim().toLowerCase());
    else if (said.includes('case matters')) expect(result.value).toBe(sample.trim());
    else if (said.includes('E.164')) expect(result.value).toBe('+4315350000');
  }
});

test('a custom namespace keeps its case; one that stands for nobody says so', () => {
  expect(describeNormalisation({ code: 'CRMID', title: 'CRM', idType: 'CROSS_DEVICE' })).toContain(
    'case matters',
  );
  expect(describeNormalisation({ code: 'Store', title: 'Store', idType: 'PARTNER' })).toContain(
    'joins nobody',
  );
});
