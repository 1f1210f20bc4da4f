import type { DataflowDetails, InputField, TargetField } from '@headrace/core';

const fieldName = '[A-Za-z_][A-Za-z0-9_.-]{0,79}';

export const detailFields: readonly InputField[] = [
  {
    name: 'object',
    title: 'Object',
    description:
      'What the records are called. Dataflows to one receiver that send different records have different ones.',
    required: false,
    secret: false,
    pattern: `^${fieldName}$`,
    maxLength: 80,
    default: 'profile',
  },
  {
    name: 'fields',
    title: 'Fields',
    description: 'Names of the fields a record has beside its key, separated by commas: email, city.',
    required: false,
    secret: false,
    pattern: `^\\s*(?:${fieldName}\\s*(?:,\\s*${fieldName}\\s*)*)?$`,
    maxLength: 2_000,
  },
  {
    name: 'membership',
    title: 'Segment membership',
    description: 'segments: each record says which segments the person is in or has left; none.',
    required: false,
    secret: false,
    enum: ['segments', 'none'],
    default: 'segments',
  },
];

/** Target of the key by which records are told apart. */
export const keyTarget = 'key';
export const maxKeyLength = 1_000;

type WebhookDetails = {
  readonly object: string;
  /** Without the key; each once. */
  readonly fields: readonly string[];
  readonly tellsMemberships: boolean;
};

/** The details of a dataflow; what is absent has its default. */
export function readDetails(details: DataflowDetails): WebhookDetails {
  const names = (details.fields ?? '').split(',').map((name) => name.trim());
  return {
    object: details.object ?? 'profile',
    fields: [...new Set(names)].filter((name) => name !== '' && name !== keyTarget),
    tellsMemberships: details.membership !== 'none',
  };
}

export const targetFieldsOf = (details: DataflowDetails): TargetField[] => [
  {
    name: keyTarget,
    title: 'Key',
    field: keyTarget,
    type: 'string',
    maxLength: maxKeyLength,
    required: true,
    matchKey: true,
  },
  ...readDetails(details).fields.map((name) => ({
    name,
    title: name,
    field: name,
    type: 'any',
    maxLength: null,
    required: false,
    matchKey: false,
  })),
];
