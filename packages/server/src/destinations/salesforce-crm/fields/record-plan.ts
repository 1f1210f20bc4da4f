import type { DataflowDetails } from '@headrace/core';
import { readDetails } from '../dataflow-details.ts';
import type { FieldDescription, ObjectDescription } from './object-description.ts';

/** The objects of a dataflow with what the org says of them. */
export type RecordPlan = {
  readonly details: ReturnType<typeof readDetails>;
  readonly object: ObjectDescription;
  /** The object records belong to, where the org shows it. */
  readonly account: ObjectDescription | undefined;
};

/** The field of a Contact that names its Account. */
export const linkField = 'AccountId';

/** A field that describe does not show, taken for text of any length. */
export const hiddenField = (name: string): FieldDescription => ({
  name,
  label: name,
  type: 'string',
  length: 0,
  precision: 0,
  scale: 0,
  digits: 0,
  nillable: true,
  createable: false,
  updateable: false,
  defaultedOnCreate: false,
  externalId: false,
  unique: false,
  idLookup: false,
  caseSensitive: false,
  restricted: false,
  choices: [],
  controllerName: null,
  referenceTo: [],
  compoundFieldName: null,
});

export const planOf = (
  details: DataflowDetails,
  object: ObjectDescription,
  account: ObjectDescription | undefined,
): RecordPlan => {
  const read = readDetails(details);
  const isShown = account !== undefined && account.byName.size > 0;
  return { details: read, object, account: read.object === 'Contact' && isShown ? account : undefined };
};

/** Whether records are made, so that everything a new one needs has to be there. */
export const isCreating = ({ details }: Pick<RecordPlan, 'details'>): boolean =>
  details.write !== 'update_only' && details.matchField !== 'Id';

/** The field that records of an object are matched by. */
export const matchFieldFor = ({ details }: Pick<RecordPlan, 'details'>, isAccount: boolean): string =>
  isAccount ? details.accountMatchField : details.matchField;

/** Without a value of it Salesforce makes no record. */
export const isNeededToCreate = ({
  createable,
  nillable,
  defaultedOnCreate,
  type,
}: FieldDescription): boolean => createable && !nillable && !defaultedOnCreate && type !== 'boolean';
