/** A value of a picklist; `validFor` has a bit for each controlling value, in base64. */
export type Choice = {
  readonly value: string;
  readonly label: string;
  readonly active: boolean;
  readonly validFor: string | null;
};

/** What describe says of one field. Source: SOAP API Developer Guide, "DescribeSObjectResult", Field. */
export type FieldDescription = {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  /** In characters; 0 where a type has none. */
  readonly length: number;
  /** Digits of a number altogether, and of them those behind the point. */
  readonly precision: number;
  readonly scale: number;
  /** Digits of a whole number; 0 for other types. */
  readonly digits: number;
  readonly nillable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly defaultedOnCreate: boolean;
  readonly externalId: boolean;
  readonly unique: boolean;
  readonly idLookup: boolean;
  readonly caseSensitive: boolean;
  /** Whether a picklist takes its own values only. */
  readonly restricted: boolean;
  /** Of a picklist; of `RecordTypeId` the record types that the user may give, ids labelled with their API names. */
  readonly choices: readonly Choice[];
  /** The picklist that decides which values of this one may be chosen. */
  readonly controllerName: string | null;
  readonly referenceTo: readonly string[];
  /** The compound field it is a part of, for example `MailingAddress`. */
  readonly compoundFieldName: string | null;
};

/** An object as an org shows it to the user signed in. */
export type ObjectDescription = {
  readonly name: string;
  /** First three characters of the ids of its records. */
  readonly keyPrefix: string | null;
  readonly byName: ReadonlyMap<string, FieldDescription>;
};

type Facts = Readonly<Record<string, unknown>>;

/**
 * Reads the answer of `sobjects/<object>/describe`.
 * @returns undefined when it is no describe
 */
export function readDescribe(answer: unknown): ObjectDescription | undefined {
  const { name, keyPrefix, fields, recordTypeInfos } = toFacts(answer);
  if (!Array.isArray(fields)) return undefined;
  const recordTypes = listOf(recordTypeInfos).flatMap((info) => readRecordType(toFacts(info)) ?? []);
  const described = fields.flatMap((input: unknown) => {
    const field = readField(toFacts(input));
    return field?.name === 'RecordTypeId' ? { ...field, choices: recordTypes } : (field ?? []);
  });
  if (described.length === 0) return undefined;
  return {
    name: textOf(name) ?? '',
    keyPrefix: textOf(keyPrefix),
    byName: new Map(described.map((field) => [field.name, field])),
  };
}

function readField(field: Facts): FieldDescription | undefined {
  const { name, type } = field;
  if (typeof name !== 'string' || !/^[A-Za-z]\w{0,79}$/.test(name) || typeof type !== 'string')
    return undefined;
  return {
    name,
    type,
    label: textOf(field.label) ?? name,
    length: numberOf(field.length),
    precision: numberOf(field.precision),
    scale: numberOf(field.scale),
    digits: numberOf(field.digits),
    nillable: field.nillable !== false,
    createable: field.createable === true,
    updateable: field.updateable === true,
    defaultedOnCreate: field.defaultedOnCreate === true,
    externalId: field.externalId === true,
    unique: field.unique === true,
    idLookup: field.idLookup === true,
    caseSensitive: field.caseSensitive === true,
    restricted: field.restrictedPicklist === true,
    choices: listOf(field.picklistValues).flatMap((entry) => readChoice(toFacts(entry)) ?? []),
    controllerName: textOf(field.controllerName),
    referenceTo: listOf(field.referenceTo).flatMap((object) => textOf(object) ?? []),
    compoundFieldName: textOf(field.compoundFieldName),
  };
}

function readChoice({ value, label, active, validFor }: Facts): Choice | undefined {
  if (typeof value !== 'string') return undefined;
  return { value, label: textOf(label) ?? value, active: active !== false, validFor: textOf(validFor) };
}

/** One that is no longer active, or not for the user, is none; neither is Master, which stands for no type. */
function readRecordType({ recordTypeId, developerName, active, available, master }: Facts) {
  const isUsable = active !== false && available === true && master !== true;
  return isUsable ? readChoice({ value: recordTypeId, label: developerName }) : undefined;
}

const toFacts = (input: unknown): Facts => (typeof input === 'object' && input !== null ? { ...input } : {});
const listOf = (input: unknown): readonly unknown[] => (Array.isArray(input) ? input : []);
const textOf = (input: unknown): string | null => (typeof input === 'string' ? input : null);
const numberOf = (input: unknown): number => (typeof input === 'number' ? input : 0);
