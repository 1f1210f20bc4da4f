import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFormula } from './compile-formula.ts';
import { compiled, evaluateSample, resolveSample, type SampleRecord } from './sample-fields.fixture.ts';

const alwaysTrue: readonly string[] = [
  // Ranks of operators, as Salesforce's grammar has them.
  '1 + 2 * 3 = 7',
  '2 * 3 ^ 2 = 36',
  '2 ^ 3 ^ 2 = 64',
  '-2 ^ 2 = 4',
  '10 - 4 - 3 = 3',
  '1 < 2 = TRUE',
  'FALSE && FALSE || TRUE',
  'NOT FALSE && TRUE',
  '!FALSE',
  'not(1 == 2)',
  '1 != 2 && 1 <> 2',
  '"a" & "b" & "c" = "abc"',
  '"a" + "b" = \'ab\'',
  '/* a /* b */ 1 = 1',
  // Names in any case, also those that begin like a word of the language.
  'ISBLANK(null_check__C)',
  'if(true, 1, 2) = 1',
  // Text and its escapes.
  '"a\\"b" = \'a"b\'',
  'LEN("\\\\") = 1',
  'LEN("\\n") = 2',
  'LEN(BR()) = 1',
  '"a" <> "A"',
  '"" = NULL',
  // Decimals.
  '0.1 + 0.2 = 0.3',
  '1 / 4 = 0.25',
  '0.1 * 3 = 0.3',
  'MOD(1.1, 0.1) = 0',
  'MOD(-7, 3) = -1',
  'MOD(3, 0) = 3',
  'ROUND(2.5, 0) = 3',
  'ROUND(-2.5, 0) = -3',
  'ROUND(1.005, 2) = 1.01',
  'ROUND(1234.5, -2) = 1200',
  'TRUNC(-1.29, 1) = -1.2',
  'FLOOR(-1.4) = -1',
  'CEILING(-1.4) = -2',
  'MFLOOR(-1.4) = -2',
  'MCEILING(-1.4) = -1',
  'FLOOR(1 / 9 * 9) = 1 && FLOOR(0.1 * 3 * 10) = 3 && CASE(0.1 + 0.2, 0.3, 1, 2) = 1',
  'LEFT("abcdef", 0.1 * 30) = "abc" && TEXT(0.1 + 0.2) = ".3"',
  'ABS(-3) = 3 && SQRT(9) = 3 && EXP(0) = 1 && LN(1) = 0 && LOG(100) = 2',
  'MAX(1, 3, 2) = 3 && MIN(1, 3, 2) = 1',
  '2 ^ -1 = 0.5',
  '0 ^ 0 = 1',
  'ROUND(PI(), 4) = 3.1416',
  // Text functions.
  'LEFT("abc", 2) = "ab" && RIGHT("abc", 2) = "bc" && MID("abcd", 2, 2) = "bc"',
  'ISBLANK(LEFT("abc", 0)) && ISBLANK(MID("abc", 4, 1)) && ISBLANK(TRIM("  "))',
  'RIGHT("abc", 9) = "abc" && MID("abc", 0, 2) = "ab"',
  'TRIM("  a b ") = "a b"',
  'UPPER("Straße") = "STRASSE" && LOWER("AbC") = "abc" && UPPER("i", "tr") = "İ"',
  'CONTAINS("abc", "b") && NOT(CONTAINS("abc", "B")) && BEGINS("abc", "ab")',
  'CONTAINS("abc", "") && BEGINS(Text__c, "")',
  'FIND("b", "abcb") = 2 && FIND("b", "abcb", 3) = 4 && FIND("x", "abc") = 0 && FIND("x", "") = 0',
  'SUBSTITUTE("a.b.c", ".", "$&") = "a$&b$&c" && SUBSTITUTE("abc", "", "x") = "abc"',
  'SUBSTITUTE("abc", "b", "") = "ac"',
  'LPAD("7", 3, "0") = "007" && RPAD("ab", 5, "xy") = "abxyx" && LPAD("abc", 2) = "ab" && LPAD("a", 2) = " a"',
  'LEN("") = 0 && LEN("abc") = 3',
  'VALUE("1.5e2") = 150 && VALUE("-.5") = -0.5',
  'ISNUMBER("12") && ISNUMBER("-1.5") && ISNUMBER("2E2") && NOT(ISNUMBER("1 000")) && NOT(ISNUMBER(""))',
  'TEXT(12) = "12" && TEXT(0.5) = "0.5" && TEXT(-0.5) = "-.5" && TEXT(10 ^ 22) = "10000000000000000000000"',
  'TEXT(DATE(2026, 9, 5)) = "2026-09-05"',
  'TEXT(DATETIMEVALUE("2026-09-05 08:07:06")) = "2026-09-05 08:07:06Z"',
  // Dates, in UTC.
  'TODAY() = DATE(2026, 9, 22)',
  'NOW() = DATETIMEVALUE("2026-09-22 10:15:00")',
  'DATEVALUE(NOW()) = TODAY() && DATEVALUE("2026-9-22") = TODAY()',
  'YEAR(TODAY()) = 2026 && MONTH(TODAY()) = 9 && DAY(TODAY()) = 22 && WEEKDAY(TODAY()) = 3',
  'TODAY() - DATE(2026, 9, 1) = 21 && TODAY() + 9 = DATE(2026, 10, 1) && 9 + TODAY() = DATE(2026, 10, 1)',
  'DATE(2026, 2, 28) + 3.5 = DATE(2026, 3, 3)',
  'DATE(2009, 3.5, 2) = DATE(2009, 3, 2) && DATE(50, 1, 1) < DATE(51, 1, 1)',
  'NOW() + 0.5 - NOW() = 0.5 && NOW() > DATETIMEVALUE(TODAY())',
  'ADDMONTHS(DATE(2026, 1, 31), 1) = DATE(2026, 2, 28) && ADDMONTHS(DATE(2024, 1, 30), 1) = DATE(2024, 2, 29)',
  'ADDMONTHS(DATE(2026, 2, 28), 1) = DATE(2026, 3, 31) && ADDMONTHS(DATE(2026, 3, 15), -15) = DATE(2024, 12, 15)',
  'DATEVALUE(ADDMONTHS(NOW(), 1)) = DATE(2026, 10, 22)',
  // Choices.
  'CASE(2, 1, "a", 2, "b", "c") = "b" && CASE("x", "y", 1, 2) = 2 && CASE("", "", 1, 2) = 1',
  'IF(NULL, 1, 2) = 2',
  'BLANKVALUE("", "x") = "x" && BLANKVALUE(3, 4) = 3 && ISBLANK(NULLVALUE("", "x"))',
  // Ids.
  'CASESAFEID("0035500001H9cak") = "0035500001H9cakAAB"',
  'ISNEW() && NOT(ISCLONE())',
  // What decides first keeps the rest from being evaluated.
  'OR(TRUE, 1 / 0 = 1) && NOT(AND(FALSE, 1 / 0 = 1)) && IF(TRUE, TRUE, 1 / 0 = 1)',
  'CASE(1, 1, 1, 1 / 0) = 1',
  'REGEX("", "") && REGEX("abc", "A.c|a.C|a.c") && NOT(REGEX("abcd", "abc"))',
];

const blank: readonly [formula: string, expected: boolean][] = [
  ['Amount = 0', false],
  ['Amount <> 0', false],
  ['Amount < 5', false],
  ['NOT(Amount < 5)', false],
  ['OR(ISBLANK(Amount), Amount <> 1)', true],
  ['ISNULL(Amount)', true],
  ['Amount + 1 <> 2', false],
  ['BLANKVALUE(Amount, 0) = 0', true],
  ['-Amount = 0', false],
  ['Amount = NULL', false],
  ['MAX(Amount, 1) = 1', false],
  ['Text__c = ""', true],
  ['Text__c <> "x"', true],
  ['Text__c < "x"', false],
  ['Text__c + "x" = "x"', true],
  ['ISBLANK(Text__c)', true],
  ['ISNULL(Text__c)', false],
  ['NULLVALUE(Text__c, "x") = "x"', false],
  ['LEN(Text__c) = 0', true],
  ['CONTAINS(Text__c, "A")', false],
  ['NOT(CONTAINS(Text__c, "A"))', false],
  ['NOT(BEGINS(Text__c, "A"))', false],
  ['UPPER(Text__c) = ""', true],
  ['REGEX(Text__c, "\\\\d*")', true],
  ['ISNUMBER(Text__c)', false],
  ['Active__c', false],
  ['NOT(Active__c)', true],
  ['CloseDate = TODAY()', false],
  ['CloseDate < TODAY()', false],
  ['CloseDate + 1 > TODAY()', false],
  ['ISBLANK(CloseDate + 1)', true],
  ['YEAR(CloseDate) <> 2026', false],
  ['ISPICKVAL(StageName, "")', true],
  ['ISBLANK(TEXT(StageName))', true],
  ['TEXT(StageName) = ""', true],
  ['CASE(StageName, "Won", 1, 0) = 0', true],
  ['INCLUDES(Hobbies__c, "Golf")', false],
  ['ISBLANK(Hobbies__c)', true],
  ['PICKLISTCOUNT(Hobbies__c) = 0', true],
  ['ISBLANK(AccountId)', true],
  ['AccountId = ""', true],
  ['Account.Name = ""', true],
  ['NULL', false],
];

const ofRecords: readonly [formula: string, record: SampleRecord, expected: boolean][] = [
  ['AMOUNT > 5 && email = "a@b.example"', { values: { Amount: 6, Email: 'a@b.example' } }, true],
  ['Active__c', { values: { Active__c: 1 } }, true],
  ['Active__c = TRUE', { values: { Active__c: true } }, true],
  ['Discount__c > 0.5', { values: { Discount__c: 50 } }, false],
  ['Discount__c = 0.5', { values: { Discount__c: 50 } }, true],
  ['TEXT(Amount) = ".5"', { values: { Amount: 0.5 } }, true],
  ['ISPICKVAL(StageName, "closed won")', { values: { StageName: 'Closed Won' } }, true],
  ['TEXT(StageName) = "Closed Won"', { values: { StageName: 'Closed Won' } }, true],
  ['CASE(StageName, "Open", 1, "Closed Won", 2, 3) = 2', { values: { StageName: 'Closed Won' } }, true],
  ['INCLUDES(Hobbies__c, "golf")', { values: { Hobbies__c: 'Chess;Golf' } }, true],
  ['INCLUDES(Hobbies__c, "Chess;Golf")', { values: { Hobbies__c: 'Chess;Golf' } }, false],
  ['PICKLISTCOUNT(Hobbies__c) = 2', { values: { Hobbies__c: 'Chess;Golf' } }, true],
  ['OwnerId = "0055e0000000001"', { values: { OwnerId: '0055e0000000001AAA' } }, true],
  ['LEFT(OwnerId, 3) = "005" && LEN(OwnerId) = 15', { values: { OwnerId: '0055e0000000001AAA' } }, true],
  ['CASESAFEID(OwnerId) = "0055e0000000001AAA"', { values: { OwnerId: '0055e0000000001AAA' } }, true],
  ['OwnerId = $User.Id', { values: { OwnerId: '0055e0000000001AAA', '$User.Id': '0055e0000000001' } }, true],
  ['CreatedDate < NOW()', { values: { CreatedDate: 0 } }, true],
  ['ISCHANGED(Amount)', { values: { Amount: 1 } }, false],
  ['ISCHANGED(Amount)', { values: { Amount: 1 }, prior: { Amount: 1 } }, false],
  ['ISCHANGED(Amount)', { values: { Amount: 0 }, prior: {} }, true],
  ['ISCHANGED(Amount)', { values: {}, prior: { Amount: 0 } }, true],
  ['ISCHANGED(Text__c)', { values: { Text__c: 'a\nb' }, prior: { Text__c: 'a\r\nb' } }, false],
  ['ISCHANGED(Active__c)', { values: { Active__c: 0 }, prior: {} }, false],
  ['ISCHANGED(StageName)', { values: { StageName: 'Won' }, prior: { StageName: 'Open' } }, true],
  ['ISCHANGED(OwnerId)', { values: { OwnerId: '005' }, prior: { OwnerId: '005' } }, false],
  ['PRIORVALUE(Amount) = 1', { values: { Amount: 2 }, prior: { Amount: 1 } }, true],
  ['PRIORVALUE(Amount) = 2', { values: { Amount: 2 } }, true],
  ['PRIORVALUE(Discount__c) = 0.1', { values: { Discount__c: 20 }, prior: { Discount__c: 10 } }, true],
  ['ISPICKVAL(PRIORVALUE(StageName), "Open")', { values: {}, prior: { StageName: 'Open' } }, true],
  ['INCLUDES(PRIORVALUE(Hobbies__c), "Golf")', { values: {}, prior: { Hobbies__c: 'Golf' } }, true],
  ['ISNEW()', { prior: {} }, false],
  ['REGEX("ab", Text__c)', { values: { Text__c: 'a.' } }, true],
];

const faults: readonly [formula: string, record: SampleRecord, fault: string][] = [
  ['1 / Amount = 1', { values: { Amount: 0 } }, 'Division by zero'],
  ['ISBLANK(1 / 0)', {}, 'Division by zero'],
  ['VALUE("x") = 1', {}, "The value 'null' is not a valid number."],
  ['DATE(2026, 2, 29) = TODAY()', {}, 'Month or Day out of range in DATE() function'],
  ['DATE(10000, 1, 1) = TODAY()', {}, 'Year out of range in DATE() function'],
  ['DATEVALUE("22.9.2026") = TODAY()', {}, 'Invalid date for DATEVALUE function'],
  ['TODAY() + 1000000000 > TODAY()', {}, 'The date is out of range'],
  ['ADDMONTHS(TODAY(), 10 ^ 30) > TODAY()', {}, 'The date is out of range'],
  ['2 ^ 0.5 = 1', {}, 'Out of range argument to POWER() function'],
  ['10 ^ 65 = 1', {}, 'Out of range argument to POWER() function'],
  ['SQRT(-1) = 1', {}, 'The result is not a number'],
  ['LPAD("a", 10 ^ 9) = "a"', {}, 'The text is too long'],
  ['REGEX("a", Text__c)', { values: { Text__c: '(' } }, 'Regular expression: a group is not closed'],
  [
    'REGEX(Text__c, "(a*){500}b")',
    { values: { Text__c: 'a'.repeat(50_000) } },
    'Regular expression runtime exceeded for: (a*){500}b',
  ],
];

const refused: readonly [formula: string, message: string, offset: number][] = [
  ['', "Syntax error.  Found 'end of formula'", 0],
  ['AND(Active__c', "Syntax error.  Missing ')'", 13],
  ['AND(Active__c,', "Syntax error.  Found 'end of formula'", 14],
  ['IF(Active__c 1, 2)', "Syntax error.  Missing ')'", 13],
  ['Active__c Email', 'Syntax error. Extra Email', 10],
  ['Active__c)', "Syntax error. Extra ')'", 9],
  ['Amount > * 2', "Syntax error.  Found '*'", 9],
  ['Email = “x”', "Syntax error.  Found '“'", 8],
  ['Email = "x', "Syntax error.  Found '\"x'", 8],
  ['REGEX(Email, "\\d")', 'Syntax error.  Found \'"\\d")\'', 13],
  ['Nope__c = 1', 'Field Nope__c does not exist. Check spelling.', 0],
  ['foo#bar = 1', 'Field foo#bar does not exist. Check spelling.', 0],
  ['NOPE(1)', 'Unknown function NOPE. Check spelling.', 0],
  ['constructor(1)', 'Unknown function CONSTRUCTOR. Check spelling.', 0],
  ['HYPERLINK("a", "b") = ""', 'Function HYPERLINK may not be used in this type of formula', 0],
  ['LEN(1) = 1', "Incorrect parameter type for function 'LEN()'. Expected Text, received Number", 4],
  ['LEN() = 1', "Incorrect number of parameters for function 'LEN()'. Expected 1, received 0", 0],
  ['IF(TRUE, 1) = 1', "Incorrect number of parameters for function 'IF()'. Expected 3, received 2", 0],
  [
    'IF(TRUE, 1, "a") = 1',
    "Incorrect parameter type for function 'IF()'. Expected Number, received Text",
    12,
  ],
  ['AND(1, TRUE)', "Incorrect parameter type for function 'AND()'. Expected Boolean, received Number", 4],
  ['Amount = "1"', "Incorrect parameter type for operator '='. Expected Number, received Text", 9],
  ['Amount + "1" = 2', "Incorrect parameter type for operator '+'. Expected Number, received Text", 9],
  ['1 + 2 & "x" = "3x"', "Incorrect parameter type for operator '&'. Expected Text, received Number", 2],
  [
    'Active__c > TRUE',
    "Incorrect parameter type for operator '>'. Expected Number, Date, DateTime, received Boolean",
    0,
  ],
  ['CloseDate < NOW()', "Incorrect parameter type for operator '<'. Expected Date, received DateTime", 12],
  [
    'YEAR(NOW()) = 2026',
    "Incorrect parameter type for function 'YEAR()'. Expected Date, received DateTime",
    5,
  ],
  ['CASE(1, 1, TRUE, FALSE)', "Incorrect argument type for function 'CASE()'.", 0],
  ['CASE(1, 2, 3) = 1', "Incorrect number of parameters for function 'CASE()'. Expected 4, received 3", 0],
  ['ISBLANK(Active__c)', "Incorrect argument type for function 'ISBLANK()'.", 0],
  [
    'StageName = "Won"',
    'Field StageName is a picklist field. Picklist fields are only supported in certain functions.',
    0,
  ],
  [
    'ISBLANK(StageName)',
    'Field StageName is a picklist field. Picklist fields are only supported in certain functions.',
    8,
  ],
  [
    'CONTAINS(Hobbies__c, "Golf")',
    'Field Hobbies__c is a multi-select picklist field. Multi-select picklist fields are only supported in certain functions.',
    9,
  ],
  [
    'TEXT(Active__c) = ""',
    "Incorrect parameter type for function 'TEXT()'. Expected Number, Date, DateTime, Picklist, received Boolean",
    5,
  ],
  [
    'ISPICKVAL(StageName, Email)',
    "Incorrect parameter type for function 'ISPICKVAL()'. Expected Text Literal, received Text",
    21,
  ],
  ['ISCHANGED(Account.Name)', 'The ISCHANGED function cannot reference the Account.Name field.', 10],
  ['ISCHANGED("a")', "Incorrect argument type for function 'ISCHANGED()'.", 0],
  [
    'Amount + 1',
    'Formula result is data type (Number), incompatible with expected data type (true or false).',
    0,
  ],
  [
    'REGEX(Email, "(")',
    "Incorrect parameter for function 'REGEX()'. The pattern is not valid: a group is not closed",
    13,
  ],
  [
    `Email = "${'x'.repeat(3907)}"`,
    'Formula is too long (3,917 characters).  Maximum length is 3,900 characters',
    3900,
  ],
];

const unsupported: readonly [formula: string, message: RegExp, offset: number][] = [
  ['VLOOKUP($ObjectType.Zip__c.Fields.City__c, 1, 2) = ""', /VLOOKUP is not implemented/, 0],
  ['1 = 1 && $Setup.Rules__c.Off__c', /\$Setup\.Rules__c\.Off__c is not implemented/, 9],
  ['REGEX(Email, "(?=a)b")', /look-around/, 13],
  [`${'('.repeat(101)}TRUE${')'.repeat(101)}`, /brackets/, 100],
  [`${'-'.repeat(300)}1 = 1`, /nested/, 50],
  [`${'1+'.repeat(300)}1 = 1`, /nested/, 499],
];

describe('compileFormula', () => {
  it.each(alwaysTrue)('%s', (formula) => {
    expect(evaluateSample(formula)).toBe(true);
  });

  it.each(blank)('of blank fields: %s is %s', (formula, expected) => {
    expect(evaluateSample(formula)).toBe(expected);
  });

  it.each(ofRecords)('%s of %j is %s', (formula, record, expected) => {
    expect(evaluateSample(formula, record)).toBe(expected);
  });

  it.each(faults)('%s has no value', (formula, record, fault) => {
    expect(evaluateSample(formula, record)).toEqual({ fault });
  });

  it.each(refused)('refuses %s', (formula, message, offset) => {
    expect(compileFormula(formula, resolveSample)).toEqual({ kind: 'invalid', message, offset });
  });

  it.each(unsupported)('does not support %.40s', (formula, message, offset) => {
    expect(compileFormula(formula, resolveSample)).toEqual({
      kind: 'unsupported',
      message: expect.stringMatching(message),
      offset,
    });
  });

  it('tells which fields it reads, each once and as their owner spells them', () => {
    const { reads, priorReads } = compiled('amount > 1 && AMOUNT < PRIORVALUE(Other__c) && ISCHANGED(email)');
    expect(reads).toEqual(['Amount', 'Other__c', 'Email']);
    expect(priorReads).toEqual(['Other__c', 'Email']);
  });

  it('takes a long list of conditions and of choices', () => {
    const conditions = Array.from({ length: 300 }, (_, index) => `Amount<>${index}`).join('||');
    expect(evaluateSample(conditions, { values: { Amount: 1 } })).toBe(true);
    const cases = Array.from({ length: 300 }, (_, index) => `${index},${index + 1}`).join(',');
    expect(evaluateSample(`CASE(Amount,${cases},0)=300`, { values: { Amount: 299 } })).toBe(true);
  });

  it('cannot be made to build endless text', () => {
    const grow = (inner: string): string => `SUBSTITUTE(${inner},"a","${'a'.repeat(100)}")`;
    expect(evaluateSample(`${grow(grow(grow(grow('"a"'))))}=""`)).toEqual({ fault: 'The text is too long' });
  });

  const words = fc.constantFrom(
    ...[
      'AND(',
      'IF(',
      'CASE(',
      'LEN(',
      'TEXT(',
      'REGEX(',
      'DATE(',
      'ISCHANGED(',
      'PRIORVALUE(',
      'MID(',
      'LPAD(',
    ],
    ...['(', ')', ')', ')', ',', ',', '+', '-', '*', '/', '^', '&', '=', '<>', '<', '&&', '||', '!', 'NOT '],
    ...['Amount', 'Text__c', 'StageName', 'Active__c', 'CloseDate', 'OwnerId', 'Nope__c', '$User.Id'],
    ...['1', '0.5', '99999999999999999999', '"a"', "'b'", '""', '"', 'TRUE', 'NULL', '/*', '*/', ' ', '\n'],
  );

  it('answers any text with a formula or a problem inside of it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const formula = compileFormula(text, resolveSample);
          if (formula.kind === 'compiled') return;
          expect(formula.offset).toBeGreaterThanOrEqual(0);
          expect(formula.offset).toBeLessThanOrEqual(text.length);
          expect(formula.message).not.toBe('');
        },
      ),
      { numRuns: 500 },
    );
  });

  const number = fc.constantFrom('Amount', 'Other__c', '1', '0', '-2.5', 'LEN(Text__c)', 'YEAR(CloseDate)');
  const text = fc.constantFrom(
    'Text__c',
    'Email',
    '"a"',
    '""',
    'TEXT(StageName)',
    'LEFT(Email, 2)',
    'OwnerId',
  );
  const { condition } = fc.letrec<{ condition: string; value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      number,
      fc
        .tuple(tie('value'), fc.constantFrom('+', '-', '*', '/', '^'), number)
        .map(([a, sign, b]) => `(${a} ${sign} ${b})`),
      fc.tuple(tie('condition'), tie('value'), number).map((parts) => `IF(${parts.join(', ')})`),
      fc
        .tuple(fc.constantFrom('ABS', 'ROUND', 'MOD', 'MAX'), tie('value'))
        .map(([name, a]) => (name === 'ABS' ? `ABS(${a})` : `${name}(${a}, 2)`)),
    ),
    condition: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        'Active__c',
        'TRUE',
        'ISNEW()',
        'ISCHANGED(Amount)',
        'ISPICKVAL(StageName, "a")',
        'NULL',
      ),
      fc.tuple(tie('value'), fc.constantFrom('=', '<>', '<', '>='), number).map((parts) => parts.join(' ')),
      fc.tuple(text, fc.constantFrom('=', '<>', '<', '>='), text).map((parts) => parts.join(' ')),
      fc
        .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
        .map((parts) => parts.join(' ')),
      tie('condition').map((inner) => `NOT(${inner})`),
    ),
  }));
  const fieldValues = fc.record({
    Amount: fc.oneof(fc.constant(null), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    Text__c: fc.oneof(fc.constant(null), fc.string()),
    StageName: fc.constantFrom(null, 'a', 'b'),
    CloseDate: fc.constantFrom(null, '2024-02-29', '9999-12-31', '0001-01-01'),
    Active__c: fc.constantFrom(null, 0, 1),
  });

  it('evaluates every well-typed condition to true, false or a fault, and a condition and its NOT never both to true', () => {
    fc.assert(
      fc.property(
        condition,
        fieldValues,
        fc.option(fieldValues, { nil: undefined }),
        (formula, values, prior) => {
          const record: SampleRecord = prior === undefined ? { values } : { values, prior };
          const result = evaluateSample(formula, record);
          const opposite = evaluateSample(`NOT(${formula})`, record);
          if (typeof result === 'boolean') expect(result && opposite).toBe(false);
          else expect(result.fault).not.toBe('');
        },
      ),
      { numRuns: 500 },
    );
  });
});
