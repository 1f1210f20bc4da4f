import { expect, test } from 'vitest';
import { findOptOut } from './marketing-consent.ts';

const consents = (marketing: Record<string, string>) => ({
  consents: {
    marketing: Object.fromEntries(Object.entries(marketing).map(([channel, val]) => [channel, { val }])),
  },
});

test.each([
  [{}, undefined],
  [{ email: 'y' }, undefined],
  [{ email: 'n' }, 'consents.marketing.email.val'],
  [{ email: 'dn' }, 'consents.marketing.email.val'],
  [{ any: 'n', email: 'y' }, 'consents.marketing.any.val'],
  [{ any: 'y', email: 'n' }, 'consents.marketing.email.val'],
  [{ sms: 'n', email: 'p' }, undefined],
])('promise 8: opt-outs in %j are found', (marketing, found) => {
  expect(findOptOut(consents(marketing), 'email')).toBe(found);
});
