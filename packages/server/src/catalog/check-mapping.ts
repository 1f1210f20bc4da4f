import {
  type ErrorDetail,
  fieldAt,
  HeadraceError,
  listFields,
  type MappingRow,
  nearestName,
  parseXdmPath,
  type TargetField,
  type XdmObject,
} from '@headrace/core';

/**
 * Checks a mapping against both of its sides. Pure.
 * @throws HeadraceError `invalid_input` with a detail for each source that the union schema lacks or that holds
 *   no single value, each target that the destination lacks or that is mapped twice, and each required target
 *   that is not mapped.
 */
export function checkMapping(
  mapping: readonly MappingRow[],
  union: XdmObject,
  targets: readonly TargetField[],
  namespaces: readonly string[],
): void {
  const sources = [...listFields(union)].map(({ path }) => path);
  const names = targets.map(({ name }) => name);
  const owners = new Map<string, number>();
  const details = mapping.flatMap((row, index): ErrorDetail[] => {
    const found = [
      withPointer(...sourceFault(`/mapping/${index}/source`, row.source, { union, sources, namespaces })),
      withPointer(`/mapping/${index}/target`, targetFault(row.target, names, owners.get(row.target))),
    ].flat();
    if (!owners.has(row.target)) owners.set(row.target, index);
    return found;
  });
  for (const { name, title } of targets.filter(({ required }) => required))
    if (!owners.has(name))
      details.push({
        pointer: '/mapping',
        keyword: 'required',
        message: `The target "${name}" (${title}) is required by the destination, and nothing is mapped to it.`,
      });
  const [first] = details;
  if (first !== undefined)
    throw new HeadraceError('invalid_input', `The mapping is faulty. ${first.message}`, { details });
}

const withPointer = (pointer: string, message: string | undefined): ErrorDetail[] =>
  message === undefined ? [] : [{ pointer, message }];

type Known = {
  readonly union: XdmObject;
  readonly sources: readonly string[];
  readonly namespaces: readonly string[];
};

function sourceFault(
  pointer: string,
  source: MappingRow['source'],
  { union, sources, namespaces }: Known,
): [pointer: string, message: string | undefined] {
  if ('attribute' in source)
    return [`${pointer}/attribute`, attributeFault(source.attribute, union, sources)];
  if ('constant' in source || namespaces.includes(source.identity)) return [pointer, undefined];
  const nearest = nearestName(source.identity, namespaces);
  const hint = nearest === undefined ? `Known: ${namespaces.join(', ')}.` : `Did you mean "${nearest}"?`;
  return [
    `${pointer}/identity`,
    `There is no identity namespace ${JSON.stringify(source.identity)}. ${hint}`,
  ];
}

function attributeFault(attribute: string, union: XdmObject, sources: readonly string[]): string | undefined {
  const field = fieldAt(union, parseXdmPath(attribute));
  if (field === undefined) {
    const last = attribute.slice(attribute.lastIndexOf('.') + 1).toLowerCase();
    const nearest =
      nearestName(attribute, sources) ?? sources.find((path) => path.toLowerCase().endsWith(`.${last}`));
    const hint =
      nearest === undefined ? 'Add a field group that has it to a schema.' : `Did you mean "${nearest}"?`;
    return `The union schema has no field ${JSON.stringify(attribute)}. ${hint}`;
  }
  return field.type === 'object' || field.type === 'array' || field.type === 'map'
    ? `"${attribute}" is of type ${field.type}; a mapping takes fields that hold a single value.`
    : undefined;
}

function targetFault(
  target: string,
  names: readonly string[],
  owner: number | undefined,
): string | undefined {
  if (!names.includes(target)) {
    const nearest = nearestName(target, names);
    const hint = nearest === undefined ? `Known: ${names.join(', ')}.` : `Did you mean "${nearest}"?`;
    return `The destination has no target field ${JSON.stringify(target)}. ${hint}`;
  }
  return owner === undefined ? undefined : `The target "${target}" is mapped by row ${owner} already.`;
}
