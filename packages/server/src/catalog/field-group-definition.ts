import { randomUUID } from 'node:crypto';
import { type ImportedFieldGroup, importFieldGroup, invalidInput, type XdmClassId } from '@headrace/core';
import { refuseIfAny, under } from './check-schema.ts';

/** A definition as JSON Schema; what is given beside the document goes before what it says itself. */
export type FieldGroupDefinition = {
  readonly title?: string;
  readonly description?: string;
  readonly classIds?: readonly XdmClassId[];
  readonly jsonSchema: unknown;
};

/** What a definition says, with nothing left open. */
export type Described = Omit<ImportedFieldGroup, 'title' | 'description' | 'classIds'> & {
  readonly title: string;
  readonly description: string;
  readonly classIds: readonly XdmClassId[];
};

/** @throws HeadraceError `invalid_input` with a detail for each fault. */
export function readDefinition(definition: FieldGroupDefinition): Described {
  const imported = importFieldGroup(definition.jsonSchema);
  if (!imported.ok) refuseIfAny('invalid_input', under('/json_schema', imported.errors));
  const group = imported.ok ? imported.group : undefined;
  const title = (definition.title ?? group?.title)?.trim();
  if (group === undefined || title === undefined || title === '')
    throw invalidInput('A field group needs a title.', [
      { pointer: '/title', keyword: 'required', message: 'Expected a title, here or in the JSON Schema.' },
    ]);
  const classIds = definition.classIds ?? group.classIds;
  if (classIds === undefined)
    throw invalidInput('Which classes the field group goes with is not said.', [
      {
        pointer: '/class_ids',
        keyword: 'required',
        message: 'Expected classes, here or as meta:intendedToExtend in the JSON Schema.',
      },
    ]);
  return {
    ...group,
    title,
    description: definition.description ?? group.description ?? '',
    classIds: [...new Set(classIds)],
  };
}

/** An id made of the title, so that people know it again, with a number where that is taken. */
export function newFieldGroupId(title: string, taken: ReadonlySet<string>): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);
  const id = `custom.${slug === '' ? randomUUID().slice(0, 8) : slug}`;
  let candidate = id;
  for (let number = 2; taken.has(candidate); number++) candidate = `${id}-${number}`;
  return candidate;
}
