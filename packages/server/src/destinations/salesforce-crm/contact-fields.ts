import { HeadraceError, type TargetField } from '@headrace/core';

/** What describe says of one field; lengths in characters, 0 where a type has none. */
export type FieldDescription = {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly length: number;
  readonly scale: number;
  readonly createable: boolean;
  readonly updateable: boolean;
};

/** Contact as an org shows it to the user signed in. */
export type ContactFields = {
  /** Everything described, by field name. */
  readonly byName: ReadonlyMap<string, FieldDescription>;
  /** What a mapping may target, the seed's names first. */
  readonly targets: readonly TargetField[];
};

/** The names of the destination's page for the usual fields, in its order. */
export const seedTargets: readonly {
  readonly name: string;
  readonly title: string;
  readonly field: string;
}[] = [
  { name: 'state', title: 'State', field: 'MailingState' },
  { name: 'country', title: 'Country', field: 'MailingCountry' },
  { name: 'number', title: 'Mobile Phone', field: 'MobilePhone' },
  { name: 'firstName', title: 'First Name', field: 'FirstName' },
  { name: 'postalCode', title: 'Mailing Postal Code', field: 'MailingPostalCode' },
  { name: 'city', title: 'Mailing City', field: 'MailingCity' },
  { name: 'lastName', title: 'Last Name', field: 'LastName' },
  { name: 'email', title: 'Salesforce Email ID', field: 'Email' },
];

export const matchField = 'Email';
const requiredFields = new Set(['LastName', matchField]);

/** Field types a plain value can be written to and read back from; the rest are parts, files or formulas. */
const writableTypes = new Set(
  'string textarea email phone url picklist multipicklist combobox reference boolean int double currency percent date datetime time'.split(
    ' ',
  ),
);

const isWritable = (field: FieldDescription): boolean =>
  field.createable && field.updateable && writableTypes.has(field.type);

/**
 * Reads the answer of `sobjects/Contact/describe`.
 * @returns undefined when it is no describe
 */
export function readDescribe(answer: unknown): ContactFields | undefined {
  if (typeof answer !== 'object' || answer === null || !('fields' in answer)) return undefined;
  if (!Array.isArray(answer.fields)) return undefined;
  const fields = answer.fields.flatMap((field: unknown) => readField(field) ?? []);
  if (fields.length === 0) return undefined;
  const byName = new Map(fields.map((field) => [field.name, field]));
  const seed = seedTargets.flatMap(({ name, title, field }) => {
    const described = byName.get(field);
    return described !== undefined && isWritable(described) ? [toTarget(described, name, title)] : [];
  });
  const taken = new Set(seedTargets.map(({ field }) => field));
  const others = fields
    .filter((field) => isWritable(field) && !taken.has(field.name))
    .map((field) => toTarget(field, field.name, field.label));
  return { byName, targets: [...seed, ...others] };
}

/** Titles and fields of the seed's targets that the user cannot write. */
export const findUnwritable = ({ targets }: ContactFields): readonly string[] =>
  seedTargets
    .filter(({ name }) => !targets.some((target) => target.name === name))
    .map(({ field, name }) => `${field} (${name})`);

/** @throws HeadraceError `destination_misconfigured` when records can neither be matched nor made. */
export function requireKeyFields(fields: ContactFields): void {
  const lacking = [...requiredFields].filter(
    (name) => !fields.targets.some((target) => target.field === name),
  );
  if (lacking.length > 0)
    throw new HeadraceError(
      'destination_misconfigured',
      `The user may not write the Contact field ${lacking.join(' and ')}, without which no Contact can be made or found. Give it edit access in Salesforce (Setup > Object Manager > Contact > Fields, Set Field-Level Security).`,
    );
}

const toTarget = (field: FieldDescription, name: string, title: string): TargetField => ({
  name,
  title,
  field: field.name,
  type: field.type,
  maxLength: field.length > 0 ? field.length : null,
  required: requiredFields.has(field.name),
  matchKey: field.name === matchField,
});

function readField(input: unknown): FieldDescription | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const field: Readonly<Record<string, unknown>> = { ...input };
  const { name, label, type, length, scale } = field;
  if (typeof name !== 'string' || !/^[A-Za-z]\w{0,79}$/.test(name) || typeof type !== 'string')
    return undefined;
  return {
    name,
    label: typeof label === 'string' ? label : name,
    type,
    length: typeof length === 'number' ? length : 0,
    scale: typeof scale === 'number' ? scale : 0,
    createable: field.createable === true,
    updateable: field.updateable === true,
  };
}
