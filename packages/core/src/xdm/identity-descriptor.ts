import type { ErrorDetail } from '../errors/headrace-error.ts';
import { findNamespace, type IdentityNamespace, standardNamespaces } from '../identity/namespaces.ts';
import type { SchemaUsage } from './evolution.ts';
import type { XdmObject } from './field.ts';
import { nearestName } from './nearest-name.ts';
import { fieldAt, listFields, parseXdmPath } from './path.ts';

/** Marks a text field of a schema as an identity of a namespace, for example `personalEmail.address` as Email. */
export type IdentityDescriptor = {
  /** Dotted path of a text field. */
  readonly path: string;
  /** Code of the identity namespace. */
  readonly namespace: string;
  /** Whether this identity stands for the record; at most one descriptor of a schema is primary. */
  readonly primary: boolean;
};

/**
 * What is wrong with the descriptors of a schema; empty when nothing is. Pointers are into the array.
 * @param custom the workspace's own namespaces, besides the standard ones.
 */
export function checkIdentityDescriptors(
  schema: XdmObject,
  descriptors: readonly IdentityDescriptor[],
  custom: readonly IdentityNamespace[],
): readonly ErrorDetail[] {
  const errors: ErrorDetail[] = [];
  const seen = new Set<string>();
  let primary: string | undefined;
  for (const [index, { path, namespace: code, primary: isPrimary }] of descriptors.entries()) {
    const fault = pathFault(schema, path);
    if (fault !== undefined) errors.push({ pointer: `/${index}/path`, message: fault });
    if (seen.has(path))
      errors.push({ pointer: `/${index}/path`, message: `"${path}" is an identity already.` });
    seen.add(path);
    const namespace = findNamespace(code, custom);
    if (namespace === undefined)
      errors.push({ pointer: `/${index}/namespace`, message: unknownNamespace(code, custom) });
    if (!isPrimary) continue;
    if (namespace?.idType === 'NON_PEOPLE' || namespace?.idType === 'PARTNER')
      errors.push({
        pointer: `/${index}/primary`,
        message: `Identities of ${namespace.code} (${namespace.idType}) stand for nobody, so that none can say whose record it is. Make an identity of a person primary.`,
      });
    if (primary !== undefined)
      errors.push({
        pointer: `/${index}/primary`,
        message: `Only one identity can be primary, and "${primary}" is already.`,
      });
    primary ??= path;
  }
  return errors;
}

/**
 * Why the descriptors of a schema may not change so; empty when they may. Profiles were joined by those that
 * records were ingested under: they stay as they are, and others that are not primary may be added.
 */
export function checkDescriptorEvolution(
  before: readonly IdentityDescriptor[],
  after: readonly IdentityDescriptor[],
  usage: SchemaUsage,
): readonly ErrorDetail[] {
  if (!usage.hasRecords) return [];
  const changed = before.flatMap((descriptor): ErrorDetail[] => {
    const next = after.find(({ path }) => path === descriptor.path);
    if (next?.namespace === descriptor.namespace && next.primary === descriptor.primary) return [];
    const what = descriptor.primary ? 'the primary identity' : 'an identity';
    return [
      {
        pointer: '',
        keyword: 'identity',
        message: `"${descriptor.path}" (${descriptor.namespace}) is ${what} of records that were ingested already, by which profiles are joined. It stays as it is. Create another schema and dataset for other identities.`,
      },
    ];
  });
  const primary = after.findIndex((descriptor) => descriptor.primary);
  if (primary === -1 || before.some((descriptor) => descriptor.primary)) return changed;
  return [
    ...changed,
    {
      pointer: `/${primary}/primary`,
      keyword: 'identity',
      message:
        'Records were ingested already whose primary identity stands in identityMap. Whose a record is cannot change. Create another schema and dataset.',
    },
  ];
}

function pathFault(schema: XdmObject, path: string): string | undefined {
  const steps = parseXdmPath(path);
  for (let length = 1; length < steps.length; length++) {
    const around = fieldAt(schema, steps.slice(0, length));
    if (around?.type === 'array' || around?.type === 'map')
      return `"${path}" stands in a ${around.type === 'array' ? 'list' : 'map'}, "${steps.slice(0, length).join('.')}", which can hold several. An identity is one field of a record; put several identities into identityMap.`;
  }
  const field = fieldAt(schema, steps);
  if (field !== undefined)
    return field.type === 'string'
      ? undefined
      : `"${path}" is ${field.type}; an identity has to be a text field.`;
  const nearest = nearestName(path, textPaths(schema));
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  return `The schema has no field "${path.slice(0, 200)}".${hint}`;
}

function unknownNamespace(code: string, custom: readonly IdentityNamespace[]): string {
  const nearest = nearestName(
    code,
    [...standardNamespaces, ...custom].map((namespace) => namespace.code),
  );
  const hint = nearest === undefined ? 'Create it first.' : `Did you mean "${nearest}"?`;
  return `There is no identity namespace ${JSON.stringify(code)}. ${hint}`;
}

function* textPaths(schema: XdmObject): Generator<string> {
  for (const { path, field } of listFields(schema)) if (field.type === 'string') yield path;
}
