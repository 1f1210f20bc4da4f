import { describe, expect, it } from 'vitest';
import { compileFormula } from './compile-formula.ts';
import type { FormulaFieldType, FormulaValue } from './formula-type.ts';
import { sampleNow } from './sample-fields.fixture.ts';

type Values = Readonly<Record<string, FormulaValue>>;
interface Case {
  readonly values: Values;
  readonly prior?: Values;
  readonly fires: boolean;
}

const types = {
  picklist: ['StageName', 'CurrencyIsoCode', 'Status'],
  multipicklist: ['Regions__c'],
  number: [
    'Amount',
    'AnnualRevenue',
    'Commit_Amount__c',
    'Number__c',
    'Mon__c',
    'Tue__c',
    'Days__c',
    'Guaranteed__c',
  ],
  percent: ['Discount__c', 'Share1__c', 'Share2__c', 'Probability'],
  boolean: ['Accepted__c', 'Approved__c', 'IsClosed'],
  date: ['My_Date__c', 'CloseDate', 'Start__c', 'End__c'],
  id: ['OwnerId', '$User.Id'],
} as const;
const typeOf: ReadonlyMap<string, FormulaFieldType> = new Map(
  (Object.keys(types) as (keyof typeof types)[]).flatMap((type) => types[type].map((name) => [name, type])),
);

/** Salesforce's "Examples of Validation Rules" (Salesforce Help, 2026), with records that each rule stops or not. */
const examples: readonly [title: string, formula: string, cases: readonly Case[]][] = [
  [
    'Canadian billing postal code',
    `AND(
      OR(BillingCountry = "CAN", BillingCountry = "CA", BillingCountry = "Canada"),
      NOT(REGEX(BillingPostalCode, "((?i)[ABCEGHJKLMNPRSTVXY]\\\\d[A-Z]?\\\\s?\\\\d[A-Z]\\\\d)?"))
    )`,
    [
      { values: { BillingCountry: 'CA', BillingPostalCode: 'k1a 0b1' }, fires: false },
      { values: { BillingCountry: 'CA' }, fires: false },
      { values: { BillingCountry: 'CA', BillingPostalCode: '94105' }, fires: true },
      { values: { BillingCountry: 'US', BillingPostalCode: '94105' }, fires: false },
    ],
  ],
  [
    'US zip code',
    `AND(OR(BillingCountry = "USA", BillingCountry = "US"), NOT(REGEX(BillingPostalCode, "\\\\d{5}(-\\\\d{4})?")))`,
    [
      { values: { BillingCountry: 'US', BillingPostalCode: '94105-1234' }, fires: false },
      { values: { BillingCountry: 'US', BillingPostalCode: '9410' }, fires: true },
    ],
  ],
  [
    'US zip code without a pattern',
    `AND(
      OR(BillingCountry = "USA", ISBLANK(BillingCountry)),
      OR(
        AND(LEN(BillingPostalCode) <> 5, LEN(BillingPostalCode) <> 10),
        NOT(CONTAINS("0123456789", LEFT(BillingPostalCode, 1))),
        NOT(CONTAINS("0123456789", MID(BillingPostalCode, 2, 1))),
        AND(LEN(BillingPostalCode) = 10, OR(MID(BillingPostalCode, 6, 1) <> "-"))
      )
    )`,
    [
      { values: { BillingPostalCode: '94105' }, fires: false },
      { values: { BillingPostalCode: '94105 1234' }, fires: true },
      { values: { BillingPostalCode: 'A4105' }, fires: true },
    ],
  ],
  [
    'Valid US state',
    `AND(
      OR(BillingCountry = "US", BillingCountry = "USA", ISBLANK(BillingCountry)),
      OR(LEN(BillingState) < 2, NOT(CONTAINS("AL:AK:AZ:AR:CA:CO:CT:DE", BillingState)))
    )`,
    [
      { values: { BillingState: 'CA' }, fires: false },
      { values: { BillingState: 'C' }, fires: true },
      { values: { BillingState: 'XX' }, fires: true },
      { values: {}, fires: true },
    ],
  ],
  [
    'Account number is numeric',
    'OR(ISBLANK(AccountNumber), NOT(ISNUMBER(AccountNumber)))',
    [
      { values: { AccountNumber: '123' }, fires: false },
      { values: { AccountNumber: '12a' }, fires: true },
    ],
  ],
  [
    'Account number has seven digits',
    'AND(NOT(ISBLANK(AccountNumber)), LEN(AccountNumber) <> 7)',
    [
      { values: { AccountNumber: '1234567' }, fires: false },
      { values: { AccountNumber: '123' }, fires: true },
      { values: {}, fires: false },
    ],
  ],
  [
    'Annual revenue within a range',
    'OR(AnnualRevenue < 0, AnnualRevenue > 100000000000)',
    [
      { values: { AnnualRevenue: -1 }, fires: true },
      { values: { AnnualRevenue: 100_000_000_001 }, fires: true },
      { values: { AnnualRevenue: 5 }, fires: false },
      { values: {}, fires: false },
    ],
  ],
  [
    'A number may only grow',
    'PRIORVALUE(Commit_Amount__c) > Commit_Amount__c',
    [
      { values: { Commit_Amount__c: 1 }, prior: { Commit_Amount__c: 2 }, fires: true },
      { values: { Commit_Amount__c: 3 }, prior: { Commit_Amount__c: 2 }, fires: false },
      { values: { Commit_Amount__c: 1 }, fires: false },
    ],
  ],
  [
    'A field stays as it was saved first',
    'AND(NOT(ISNEW()), ISCHANGED(Guaranteed__c))',
    [
      { values: { Guaranteed__c: 1 }, fires: false },
      { values: { Guaranteed__c: 2 }, prior: { Guaranteed__c: 1 }, fires: true },
    ],
  ],
  [
    'California driver licence',
    'AND(MailingState = "CA", NOT(REGEX(License__c, "([A-Z]\\\\d{7})?")))',
    [
      { values: { MailingState: 'CA', License__c: 'A1234567' }, fires: false },
      { values: { MailingState: 'CA', License__c: 'a1234567' }, fires: true },
    ],
  ],
  [
    'Social security number',
    'NOT(OR(LEN(SSN__c) = 0, REGEX(SSN__c, "[0-9]{3}-[0-9]{2}-[0-9]{4}")))',
    [
      { values: {}, fires: false },
      { values: { SSN__c: '123-45-6789' }, fires: false },
      { values: { SSN__c: '123456789' }, fires: true },
    ],
  ],
  [
    'Credit card number',
    'NOT(REGEX(Card__c, "(((\\\\d{4}-){3}\\\\d{4})|\\\\d{16})?"))',
    [
      { values: { Card__c: '1234-5678-1234-5678' }, fires: false },
      { values: { Card__c: '1234567812345678' }, fires: false },
      { values: { Card__c: '1234 5678 1234 5678' }, fires: true },
    ],
  ],
  [
    'IP address',
    'NOT(REGEX(IP__c, "^((25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\\\\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)$"))',
    [
      { values: { IP__c: '192.168.255.1' }, fires: false },
      { values: { IP__c: '192.168.256.1' }, fires: true },
    ],
  ],
  [
    'US phone number has ten digits',
    'NOT(REGEX(Phone, "\\\\D*?(\\\\d\\\\D*?){10}"))',
    [
      { values: { Phone: '(415) 555-0100' }, fires: false },
      { values: { Phone: '555-0100' }, fires: true },
    ],
  ],
  [
    'Currency is one of a list',
    'CASE(CurrencyIsoCode, "USD", 1, "EUR", 1, "GBP", 1, 0) = 0',
    [
      { values: { CurrencyIsoCode: 'EUR' }, fires: false },
      { values: { CurrencyIsoCode: 'CHF' }, fires: true },
    ],
  ],
  [
    'Date is a weekday',
    'CASE(MOD(My_Date__c - DATE(1900, 1, 7), 7), 0, 0, 6, 0, 1) = 0',
    [
      { values: { My_Date__c: '2026-09-22' }, fires: false },
      { values: { My_Date__c: '2026-09-26' }, fires: true },
      { values: { My_Date__c: '2026-09-27' }, fires: true },
    ],
  ],
  [
    'Date is in the current month',
    'OR(YEAR(My_Date__c) <> YEAR(TODAY()), MONTH(My_Date__c) <> MONTH(TODAY()))',
    [
      { values: { My_Date__c: '2026-09-01' }, fires: false },
      { values: { My_Date__c: '2025-09-01' }, fires: true },
      { values: {}, fires: false },
    ],
  ],
  [
    'Date is the last day of its month',
    `DAY(My_Date__c) <> IF(MONTH(My_Date__c) = 12, 31,
      DAY(DATE(YEAR(My_Date__c), MONTH(My_Date__c) + 1, 1) - 1))`,
    [
      { values: { My_Date__c: '2024-02-29' }, fires: false },
      { values: { My_Date__c: '2026-12-31' }, fires: false },
      { values: { My_Date__c: '2026-09-29' }, fires: true },
    ],
  ],
  [
    'Date is within a year from now',
    'OR(My_Date__c < TODAY(), My_Date__c > TODAY() + 365)',
    [
      { values: { My_Date__c: '2026-09-21' }, fires: true },
      { values: { My_Date__c: '2026-09-22' }, fires: false },
      { values: { My_Date__c: '2027-09-23' }, fires: true },
    ],
  ],
  [
    'End after begin',
    'Start__c > End__c',
    [
      { values: { Start__c: '2026-02-01', End__c: '2026-01-01' }, fires: true },
      { values: { Start__c: '2026-02-01' }, fires: false },
    ],
  ],
  [
    'Number is even',
    'MOD(Number__c, 2) <> 0',
    [
      { values: { Number__c: 3 }, fires: true },
      { values: { Number__c: 4 }, fires: false },
    ],
  ],
  [
    'Number is odd',
    'OR(Number__c = 0, MOD(Number__c, 2) = 0)',
    [
      { values: { Number__c: 3 }, fires: false },
      { values: { Number__c: 0 }, fires: true },
    ],
  ],
  [
    'Number is divisible by five',
    'MOD(Number__c, 5) <> 0',
    [
      { values: { Number__c: 12 }, fires: true },
      { values: { Number__c: 15 }, fires: false },
    ],
  ],
  [
    'Number is an integer',
    'FLOOR(Number__c) <> Number__c',
    [
      { values: { Number__c: 1.5 }, fires: true },
      { values: { Number__c: 2 }, fires: false },
    ],
  ],
  [
    'Number lies between two others',
    'OR(Number__c < 10, Number__c > 20)',
    [
      { values: { Number__c: 9 }, fires: true },
      { values: { Number__c: 10 }, fires: false },
    ],
  ],
  [
    'Sum of hours',
    'Mon__c + Tue__c > 40',
    [
      { values: { Mon__c: 30, Tue__c: 11 }, fires: true },
      { values: { Mon__c: 41 }, fires: false },
    ],
  ],
  [
    'Shares are 100 % together',
    'Share1__c + Share2__c <> 1',
    [
      { values: { Share1__c: 33.3, Share2__c: 66.7 }, fires: false },
      { values: { Share1__c: 33.3, Share2__c: 66.6 }, fires: true },
      { values: { Share1__c: 33.3 }, fires: false },
    ],
  ],
  [
    'Field required at some stages',
    'AND(OR(ISPICKVAL(StageName, "Closed Won"), ISPICKVAL(StageName, "Negotiation/Review")), ISBLANK(CloseDate))',
    [
      { values: { StageName: 'Closed Won' }, fires: true },
      { values: { StageName: 'Closed Won', CloseDate: '2026-01-01' }, fires: false },
      { values: { StageName: 'Prospecting' }, fires: false },
    ],
  ],
  [
    'Close date not before the current month',
    'AND(OR(ISNEW(), ISCHANGED(CloseDate)), CloseDate < DATE(YEAR(TODAY()), MONTH(TODAY()), 1))',
    [
      { values: { CloseDate: '2026-08-31' }, fires: true },
      { values: { CloseDate: '2026-09-01' }, fires: false },
      { values: { CloseDate: '2026-08-31' }, prior: { CloseDate: '2026-08-31' }, fires: false },
    ],
  ],
  [
    'Discount by role',
    'Discount__c > CASE($UserRole.Name, "Sales Rep", 0.10, "Sales Director", 0.15, "Sales VP", 0.30, 0.15)',
    [
      { values: { Discount__c: 20, '$UserRole.Name': 'Sales Rep' }, fires: true },
      { values: { Discount__c: 20, '$UserRole.Name': 'Sales VP' }, fires: false },
      { values: { Discount__c: 20 }, fires: true },
    ],
  ],
  [
    'Only the owner or an administrator changes a field',
    'AND(ISCHANGED(Goal__c), OwnerId <> $User.Id, $Profile.Name <> "Custom: System Admin")',
    [
      {
        values: { Goal__c: 'b', OwnerId: '0051', '$User.Id': '0052', '$Profile.Name': 'x' },
        prior: { Goal__c: 'a' },
        fires: true,
      },
      {
        values: { Goal__c: 'b', OwnerId: '0051', '$User.Id': '0051' },
        prior: { Goal__c: 'a' },
        fires: false,
      },
      { values: { Goal__c: 'b', OwnerId: '0051' }, fires: false },
    ],
  ],
  [
    'Large deals need approval',
    'AND(Amount > 50000, NOT(Approved__c))',
    [
      { values: { Amount: 50_001 }, fires: true },
      { values: { Amount: 50_001, Approved__c: true }, fires: false },
    ],
  ],
  [
    'Name begins with the account name',
    'NOT(BEGINS(Name, Account.Name))',
    [
      { values: { Name: 'Acme renewal', 'Account.Name': 'Acme' }, fires: false },
      { values: { Name: 'Renewal', 'Account.Name': 'Acme' }, fires: true },
    ],
  ],
  [
    'Stage does not move backwards',
    `CASE(StageName, "Prospecting", 1, "Proposal", 2, "Closed Won", 3, 0) <
     CASE(PRIORVALUE(StageName), "Prospecting", 1, "Proposal", 2, "Closed Won", 3, 0)`,
    [
      { values: { StageName: 'Prospecting' }, prior: { StageName: 'Proposal' }, fires: true },
      { values: { StageName: 'Closed Won' }, prior: { StageName: 'Proposal' }, fires: false },
    ],
  ],
  [
    'Terms accepted for more days',
    'AND(NOT(Accepted__c), Days__c > $User.PTO_Balance__c)',
    [
      { values: { Days__c: 5, '$User.PTO_Balance__c': 3 }, fires: true },
      { values: { Days__c: 5, '$User.PTO_Balance__c': 3, Accepted__c: 1 }, fires: false },
    ],
  ],
];

describe("Salesforce's examples of validation rules", () => {
  it.each(examples)('%s', (_, formula, cases) => {
    const rule = compileFormula(formula, (path) => ({
      path,
      type: path.endsWith('Balance__c') ? 'number' : (typeOf.get(path) ?? 'text'),
    }));
    if (rule.kind !== 'compiled') throw new Error(`${rule.message} at ${rule.offset}`);
    for (const { values, prior, fires } of cases)
      expect(
        rule.evaluate({
          value: (path) => values[path] ?? null,
          prior: (path) => prior?.[path] ?? null,
          isNew: prior === undefined,
          now: sampleNow,
        }),
        JSON.stringify(values),
      ).toBe(fires);
  });
});
