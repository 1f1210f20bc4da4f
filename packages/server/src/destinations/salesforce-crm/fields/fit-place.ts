import { type Fit, fits, unfit } from './fit.ts';
import { choiceOf } from './fit-choice.ts';
import type { Choice, FieldDescription, ObjectDescription } from './object-description.ts';
import { trimmed } from './trim.ts';

/*
 * With State and Country/Territory Picklists an address has codes beside its texts, and only what the org lists is
 * taken. Codes are written: they mean one place, whatever the language of the org. Source: Salesforce Help,
 * "State and Country/Territory Picklists".
 */

/** ISO 3166-2, for example `US-WA`. */
const subdivisionPattern = /^([A-Za-z]{2})-([A-Za-z0-9]{1,3})$/;

/** The field that holds the code of an address's country or state; undefined where the org keeps text alone. */
export function codeFieldOf(
  { name, compoundFieldName }: FieldDescription,
  { byName }: ObjectDescription,
): FieldDescription | undefined {
  return compoundFieldName !== null && /(?:State|Country)$/.test(name)
    ? byName.get(`${name}Code`)
    : undefined;
}

export const isPlaceCode = ({ name, compoundFieldName, choices }: FieldDescription): boolean =>
  compoundFieldName !== null && choices.length > 0 && /(?:State|Country)Code$/.test(name);

/** The code of a country by code, by the org's name of it, or by its English one. */
export function fitCountry(given: string, { choices }: Pick<FieldDescription, 'choices'>): Fit {
  const text = trimmed(given);
  const code = choiceOf(text, choices) ?? choiceOf(englishNames().get(text.toLowerCase()) ?? '', choices);
  return code === undefined
    ? unfit('value_not_in_picklist', "a country by the org's code or name of it, or by its ISO 3166 code")
    : fits(code);
}

/**
 * The code of a state by code, name, or ISO 3166-2 code.
 * @param country the code of its country, where the record has one; without it a name of two states is not taken
 */
export function fitState(
  given: string,
  { choices }: Pick<FieldDescription, 'choices'>,
  country: string | undefined,
  countries: readonly Choice[],
): Fit {
  const text = trimmed(given);
  const [, isoCountry, isoState] = subdivisionPattern.exec(text) ?? [];
  const within = country ?? (isoCountry === undefined ? undefined : choiceOf(isoCountry, countries));
  const codes = codesOf(text, choices, within, countries);
  const isOfCountry = isoCountry?.toLowerCase() === within?.toLowerCase();
  if (codes.size === 0 && isoState !== undefined && isOfCountry)
    for (const code of codesOf(isoState, choices, within, countries)) codes.add(code);
  const [code] = codes;
  if (code !== undefined && codes.size === 1) return fits(code);
  return unfit(
    'value_not_in_picklist',
    codes.size > 1
      ? 'a state whose country is known: map the country, too'
      : "a state that the org lists for the record's country, by code or name",
  );
}

/** Codes go before names: the name of one state may be the code of another. */
function codesOf(
  text: string,
  choices: readonly Choice[],
  country: string | undefined,
  countries: readonly Choice[],
): Set<string> {
  const at = country === undefined ? -1 : countries.findIndex(({ value }) => value === country);
  const folded = text.toLowerCase();
  const pick = (nameOf: (choice: Choice) => string): string[] =>
    choices
      .filter((choice) => choice.active && nameOf(choice).toLowerCase() === folded)
      .filter(({ validFor }) => at < 0 || isValidFor(validFor, at))
      .map(({ value }) => value);
  const byCode = pick(({ value }) => value);
  return new Set(byCode.length > 0 ? byCode : pick(({ label }) => label));
}

/** Bits from the left, one per controlling value. Source: SOAP API Developer Guide, "DescribeSObjectResult". */
function isValidFor(validFor: string | null, at: number): boolean {
  if (validFor === null) return true;
  return ((Buffer.from(validFor, 'base64')[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0;
}

let englishByName: ReadonlyMap<string, string> | undefined;
/** Name in lower case → ISO 3166 code, from the Unicode data in Node. */
function englishNames(): ReadonlyMap<string, string> {
  if (englishByName !== undefined) return englishByName;
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  englishByName = new Map(
    codes.flatMap((code) => {
      const name = names.of(code);
      // Former codes share the name of the one in force.
      const { region } = new Intl.Locale(`und-${code}`);
      return name === undefined || region === undefined ? [] : [[name.toLowerCase(), region] as const];
    }),
  );
  return englishByName;
}
