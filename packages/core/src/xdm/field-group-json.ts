import type { ErrorDetail } from '../errors/headrace-error.ts';
import { type XdmClassId, xdmClasses } from './classes.ts';
import { objectOf } from './compose.ts';
import type { JsonObject, XdmObject } from './field.ts';
import type { FieldGroup } from './field-groups.ts';
import { importField } from './import-field.ts';
import { inspectJson, recordLimits } from './json-inspection.ts';
import { pointerTo } from './json-pointer.ts';
import { toJsonSchema } from './json-schema.ts';
import { expandSchema, refuse, type SchemaNode, type SchemaReading, valuesOf } from './json-schema-node.ts';

const jsonSchemaDialect = 'https://json-schema.org/draft/2020-12/schema';

/**
 * A field group as a JSON Schema document, with the keywords the platform's schema registry writes.
 * `importFieldGroup` reads it back to the same group.
 */
export const exportFieldGroup = (group: FieldGroup): JsonObject => ({
  $schema: jsonSchemaDialect,
  $id: `urn:headrace:field-group:${group.id}`,
  ...toJsonSchema(objectOf(group)),
  'meta:intendedToExtend': xdmClasses.filter(({ id }) => group.classIds.includes(id)).map(({ uri }) => uri),
});

/** A schema, put together, as a JSON Schema document. */
export const exportSchema = (
  schema: {
    readonly schemaId: string;
    readonly name: string;
    readonly description: string;
    readonly classId: XdmClassId;
  },
  fields: XdmObject,
): JsonObject => ({
  $schema: jsonSchemaDialect,
  $id: `urn:headrace:schema:${schema.schemaId}`,
  ...toJsonSchema({ ...fields, title: schema.name }),
  ...(schema.description !== '' && { description: schema.description }),
  'meta:class': xdmClasses.find(({ id }) => id === schema.classId)?.uri ?? schema.classId,
});

/** What a document says of a field group; undefined is what it does not say. */
export type ImportedFieldGroup = Pick<FieldGroup, 'properties'> & {
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly classIds: readonly XdmClassId[] | undefined;
  readonly required: readonly string[];
};

export type FieldGroupImport =
  | { readonly ok: true; readonly group: ImportedFieldGroup }
  /** With pointers into the document. */
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/** Most faults that are told of one document. */
const maxErrors = 50;

/**
 * Reads a field group from a JSON Schema document, the platform's way of writing them included: names lose
 * their prefix `xdm:`, references within the document are followed, `allOf` is merged, `meta:xdmType` says the
 * size of an integer, `additionalProperties` with a schema is a map. Never throws; values of the document do not
 * stand in the faults.
 */
export function importFieldGroup(document: unknown): FieldGroupImport {
  const bounds = inspectJson(document, recordLimits.values).filter(({ keyword }) => !harmless.has(keyword));
  if (bounds.length > 0)
    return {
      ok: false,
      errors: bounds.slice(0, maxErrors).map(({ path, message }) => ({ pointer: pointerTo(path), message })),
    };
  const reading: SchemaReading = { root: document, errors: [], parts: 0 };
  const node = expandSchema(reading, document, '', ['#']);
  const classIds = readClasses(reading, node);
  const field = importField(reading, node, '');
  if (reading.errors.length === 0 && (field.type !== 'object' || Object.keys(field.properties).length === 0))
    refuse(reading, '', 'A field group is an object with at least one field under `properties`.');
  if (reading.errors.length > 0 || field.type !== 'object')
    return { ok: false, errors: reading.errors.slice(0, maxErrors) };
  const { title, description, properties, required = [] } = field;
  return {
    ok: true,
    group: { title: title === '' ? undefined : title, description, classIds, properties, required },
  };
}

/** What inspection finds in records, and documents may hold: in a description, as a default. */
const harmless: ReadonlySet<string> = new Set(['null', 'empty']);

function readClasses(reading: SchemaReading, node: SchemaNode): readonly XdmClassId[] | undefined {
  const [given] = valuesOf(node, 'meta:intendedToExtend');
  if (given === undefined) return undefined;
  const { value, pointer } = given;
  const classes = (Array.isArray(value) ? value : [value]).map((name) =>
    xdmClasses.find(({ id, uri }) => id === name || uri === name),
  );
  const known = classes.filter((found) => found !== undefined);
  if (known.length === classes.length && known.length > 0) return [...new Set(known.map(({ id }) => id))];
  refuse(
    reading,
    pointer,
    `Expected a list of classes. Known: ${xdmClasses.map(({ uri }) => uri).join(', ')}.`,
  );
  return undefined;
}
