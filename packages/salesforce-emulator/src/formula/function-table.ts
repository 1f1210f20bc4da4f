import { FormulaRefusal } from './formula-problem.ts';
import { arithmeticOperators } from './functions/arithmetic.ts';
import { comparisonOperators } from './functions/comparison.ts';
import { conversionFunctions } from './functions/conversion.ts';
import { dateFunctions } from './functions/date.ts';
import { logicFunctions } from './functions/logic.ts';
import { mathFunctions } from './functions/math.ts';
import { recordFunctions } from './functions/record.ts';
import { regexFunctions } from './functions/regex.ts';
import { textFunctions } from './functions/text.ts';
import type { FunctionRule } from './term.ts';

const rules: ReadonlyMap<string, FunctionRule> = new Map(
  [
    arithmeticOperators,
    comparisonOperators,
    conversionFunctions,
    dateFunctions,
    logicFunctions,
    mathFunctions,
    recordFunctions,
    regexFunctions,
    textFunctions,
  ].flatMap((group) => Object.entries(group)),
);

/** Functions Salesforce refuses in a validation rule. */
const elsewhere: ReadonlySet<string> = new Set([
  'CURRENCYRATE',
  'GETRECORDIDS',
  'GETSESSIONID',
  'HTMLENCODE',
  'HYPERLINK',
  'IMAGE',
  'IMAGEPROXYURL',
  'INCLUDE',
  'JSENCODE',
  'JSINHTMLENCODE',
  'JUNCTIONIDLIST',
  'LINKTO',
  'PARENTGROUPVAL',
  'PREVGROUPVAL',
  'REQUIRESCRIPT',
  'SUBSTR',
  'URLENCODE',
  'URLFOR',
]);

/** Functions a validation rule may have in Salesforce, but not here. */
const missing: ReadonlySet<string> = new Set([
  'ACOS',
  'ASCII',
  'ASIN',
  'ATAN',
  'ATAN2',
  'CHR',
  'COS',
  'DAYOFYEAR',
  'DISTANCE',
  'FORMATDURATION',
  'FROMUNIXTIME',
  'GEOLOCATION',
  'HOUR',
  'INITCAP',
  'ISOWEEK',
  'ISOYEAR',
  'MILLISECOND',
  'MINUTE',
  'REVERSE',
  'SECOND',
  'SIN',
  'TAN',
  'TIMENOW',
  'TIMEVALUE',
  'UNIXTIMESTAMP',
  'VLOOKUP',
]);

/** The function or operator of this name, in capitals. Throws a `FormulaRefusal` for any other. */
export function functionRule(name: string, at: number): FunctionRule {
  const rule = rules.get(name);
  if (rule !== undefined) return rule;
  if (missing.has(name))
    throw new FormulaRefusal(`The function ${name} is not implemented by the emulator`, at, 'unsupported');
  throw new FormulaRefusal(
    elsewhere.has(name)
      ? `Function ${name} may not be used in this type of formula`
      : `Unknown function ${name}. Check spelling.`,
    at,
  );
}
