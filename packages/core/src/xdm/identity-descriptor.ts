import type { ErrorDetail } from '../errors/headrace-error.ts';
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

/** What is wrong with the descriptors of a schema; empty when nothing is. Pointers are into the array. */
export function checkIdentityDescriptors(
  schema: XdmObject,
  descriptors: readonly IdentityDescriptor[],
): readonly ErrorDetail[] {
  const errors: ErrorDetail[] = [];
  const seen = new Set<string>();
  let primary: string | undefined;
  for (const [index, descriptor] of descriptors.entries()) {
    const pointer = `/${index}/path`;
    const field = fieldAt(schema, parseXdmPath(descriptor.path));
    if (field === undefined) {
      const nearest = nearestName(descriptor.path, textPaths(schema));
      const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
      errors.push({ pointer, message: `The schema has no field "${descriptor.path.slice(0, 200)}".${hint}` });
    } else if (field.type !== 'string') {
      errors.push({
        pointer,
        message: `"${descriptor.path}" is ${field.type}; an identity has to be a text field.`,
      });
    }
    if (seen.has(descriptor.path))
      errors.push({ pointer, message: `"${descriptor.path}" is an identity already.` });
    seen.add(descriptor.path);
    if (!descriptor.primary) continue;
    if (primary !== undefined)
      errors.push({
        pointer: `/${index}/primary`,
        message: `Only one identity can be primary, and "${primary}" is already.`,
      });
    primary ??= descriptor.path;
  }
  return errors;
}

function* textPaths(schema: XdmObject): Generator<string> {
  for (const { path, field } of listFields(schema)) if (field.type === 'string') yield path;
}
