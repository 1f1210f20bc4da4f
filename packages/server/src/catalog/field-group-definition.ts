import { randomUUID } from 'node:crypto';
import { type ImportedFieldGroup, importFieldGroup, type XdmClassId } from '@headrace/core';
import { refusal, under } from './check-schema.ts';

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

/**
 * @param present what holds where the definition says nothing: the field group it takes the place of.
 * @throws HeadraceError `invalid_input` with a detail for each fault.
 */
export function readDefinition(
  definition: FieldGroupDefinition,
  present?: Pick<Described, 'title' | 'description' | 'classIds'>,
): Described {
  const imported = importFieldGroup(definition.jsonSchema);
  if (!imported.ok) throw refusal('invalid_input', under('/json_schema', imported.errors));
  const { group } = imported;
  const title = (definition.title ?? group.title ?? present?.title)?.trim();
  const classIds = definition.classIds ?? group.classIds ?? present?.classIds;
  if (title === undefined || title === '' || classIds === undefined)
    throw refusal('invalid_input', [
      title === undefined || title === ''
        ? { pointer: '/title', keyword: 'required', message: 'Expected a title, here or in the JSON Schema.' }
        : {
            pointer: '/class_ids',
            keyword: 'required',
            message:
              'Expected the classes it goes with, here or as meta:intendedToExtend in the JSON Schema.',
          },
    ]);
  return {
    ...group,
    title,
    description: definition.description ?? group.description ?? present?.description ?? '',
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
