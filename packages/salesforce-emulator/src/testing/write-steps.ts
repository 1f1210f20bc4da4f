import fc from 'fast-check';

/** The parent of a Contact: the record an earlier step wrote, or the Account with a key. */
export type Parent = { readonly step: number } | { readonly key: string };

/** One write, whatever API carries it out. `at` is the step whose record it concerns. */
export type WriteStep =
  | {
      readonly kind: 'create';
      readonly object: string;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly parent: Parent | undefined;
    }
  | {
      readonly kind: 'upsert';
      readonly object: string;
      readonly key: string;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly parent: Parent | undefined;
    }
  | { readonly kind: 'update'; readonly at: number; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'delete'; readonly at: number };

/** The External ID field of each object the steps write. */
export const keyFields: Readonly<Record<string, string>> = {
  Account: 'ExternalAcctId__c',
  Contact: 'Ext__c',
  Lead: 'Lead_Key__c',
};

/** What the steps need an org to have. */
export const stepDefinition = {
  dailyApiRequests: 1_000_000_000,
  customFields: [
    { object: 'Account', name: 'ExternalAcctId__c', externalId: true, unique: true },
    { object: 'Contact', name: 'Ext__c', externalId: true, unique: true },
    { object: 'Lead', name: 'Lead_Key__c', externalId: true },
    { object: 'Contact', name: 'Points__c', type: 'double' as const, precision: 6, scale: 1 },
  ],
};

// Few values, so that keys meet, clash and are refused; each object also has values that are not accepted.
const key = fc.constantFrom('k1', 'k2', 'K1', 'k 3');
const optional = { requiredKeys: [] };
const accountFields = fc.record(
  {
    Name: fc.constantFrom('Acme', ' Globex ', null, 'x'.repeat(256)),
    Site: fc.constantFrom('HQ', null),
    NumberOfEmployees: fc.constantFrom(7, '8', 1.5, true),
    BillingCity: fc.constant('Rome'),
  },
  optional,
);
const contactFields = fc.record(
  {
    LastName: fc.constantFrom('Doe', ' Roe ', '', null, 'x'.repeat(81)),
    firstname: fc.constantFrom('Jane', null),
    Email: fc.constantFrom('a@x.com', 'A@X.com', 'bad', null),
    Points__c: fc.constantFrom(1.25, '3', 1e9, 'no'),
    Birthdate: fc.constantFrom('2000-02-29', '2001-02-29'),
    DoNotCall: fc.boolean(),
    Unknown__c: fc.constant('x'),
  },
  optional,
);
const leadFields = fc.record(
  {
    LastName: fc.constantFrom('Poe', null),
    Company: fc.constantFrom('Acme', ''),
    Status: fc.constantFrom('Working - Contacted', 'Other'),
    Email: fc.constantFrom('l@x.com', 'bad'),
  },
  optional,
);
const required: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Account: { Name: 'Acme' },
  Contact: { LastName: 'Doe' },
  Lead: { LastName: 'Poe', Company: 'Acme' },
};

const objectAndFields = fc.oneof(
  fc.record({ object: fc.constant('Account'), fields: accountFields }),
  fc.record({ object: fc.constant('Contact'), fields: contactFields }),
  fc.record({ object: fc.constant('Lead'), fields: leadFields }),
);
const step = fc.nat({ max: 11 });
const parent = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.record({ step }) },
  { weight: 1, arbitrary: fc.record({ key: fc.constantFrom('k1', 'k2', 'none') }) },
);
const writeStep: fc.Arbitrary<WriteStep> = fc.oneof(
  fc.record({ what: objectAndFields, parent }).map(
    ({ what, parent: given }): WriteStep => ({
      kind: 'create',
      object: what.object,
      fields: { ...required[what.object], ...what.fields },
      parent: what.object === 'Contact' ? given : undefined,
    }),
  ),
  fc.record({ what: objectAndFields, key, parent }).map(
    ({ what, key: sent, parent: given }): WriteStep => ({
      kind: 'upsert',
      object: what.object,
      key: sent,
      fields: { ...required[what.object], ...what.fields },
      parent: what.object === 'Contact' ? given : undefined,
    }),
  ),
  fc
    .record({ at: step, what: objectAndFields })
    .map(({ at, what }): WriteStep => ({ kind: 'update', at, fields: what.fields })),
  fc.record({ at: step }).map(({ at }): WriteStep => ({ kind: 'delete', at })),
);

/** Sequences of writes to several objects that refer to each other; references only look back. */
export const writeSteps: fc.Arbitrary<readonly WriteStep[]> = fc
  .array(writeStep, { minLength: 1, maxLength: 12 })
  .map((steps) => steps.map((each, index) => marked(lookBack(each, steps, index), index)));

/** Every step says which it is in a field each object has, so that results in any order can be told apart. */
const marked = (each: WriteStep, index: number): WriteStep =>
  each.kind === 'delete' ? each : { ...each, fields: { Fax: `${index}`, ...each.fields } };

function lookBack(each: WriteStep, steps: readonly WriteStep[], index: number): WriteStep {
  const makers = steps.slice(0, index).flatMap((other, at) => ('object' in other ? [at] : []));
  const pick = (number: number): number | undefined => makers[number % makers.length];
  if ('at' in each) {
    const at = pick(each.at);
    return at === undefined
      ? { kind: 'create', object: 'Lead', fields: { ...required.Lead }, parent: undefined }
      : { ...each, at };
  }
  if (each.parent === undefined || !('step' in each.parent)) return each;
  const at = pick(each.parent.step);
  return { ...each, parent: at === undefined ? undefined : { step: at } };
}
