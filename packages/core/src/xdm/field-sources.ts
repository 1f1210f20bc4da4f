import { type XdmClassId, xdmClasses } from './classes.ts';
import type { XdmField } from './field.ts';
import type { FieldGroup } from './field-groups.ts';
import { type FieldLabels, labelsAt } from './labels.ts';
import { listFields } from './path.ts';

/** A schema as a source of fields. */
export type FieldSource = {
  readonly schemaId: string;
  readonly classId: XdmClassId;
  readonly fieldGroupIds: readonly string[];
  readonly labels: FieldLabels;
};

/** A field of a schema or of the union schema, with where it comes from. */
export type SourcedField = {
  readonly path: string;
  readonly field: XdmField;
  /** Its own and inherited ones, of all schemas that have it. */
  readonly labels: readonly string[];
  readonly schemaIds: readonly string[];
  /** None for a field of the class itself. */
  readonly fieldGroupIds: readonly string[];
};

/**
 * Says of fields where they come from.
 * @param groups at least those the sources name.
 */
export function sourceFields(
  fields: readonly { readonly path: string; readonly field: XdmField }[],
  sources: readonly FieldSource[],
  groups: readonly FieldGroup[],
): readonly SourcedField[] {
  const pathsOf = new Map(groups.map(({ id, properties }) => [id, pathsIn(properties)]));
  const classPathsOf = new Map(xdmClasses.map(({ id, properties }) => [id, pathsIn(properties)]));
  return fields.map(({ path, field }) => {
    const has = (groupId: string): boolean => pathsOf.get(groupId)?.has(path) === true;
    const schemas = sources.filter(
      ({ classId, fieldGroupIds }) =>
        fieldGroupIds.some(has) || classPathsOf.get(classId)?.has(path) === true,
    );
    return {
      path,
      field,
      labels: [...new Set(schemas.flatMap(({ labels }) => labelsAt(labels, path)))].sort(),
      schemaIds: schemas.map(({ schemaId }) => schemaId),
      fieldGroupIds: [...new Set(schemas.flatMap(({ fieldGroupIds }) => fieldGroupIds.filter(has)))],
    };
  });
}

const pathsIn = (properties: Readonly<Record<string, XdmField>>): ReadonlySet<string> =>
  new Set([...listFields({ type: 'object', title: '', properties })].map(({ path }) => path));
