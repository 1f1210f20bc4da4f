import {
  type ErrorDetail,
  HeadraceError,
  type MappingRow,
  type TargetField,
  type XdmObject,
} from '@headrace/core';
import { checkRow, type KnownSources, knownSourcesOf } from './check-mapping-row.ts';
import { findTarget } from './find-target.ts';

/**
 * Checks a mapping against both of its sides. Pure.
 * @throws HeadraceError `invalid_input` with a detail for each source that the union schema lacks or that does not
 *   fit its target, each target that the destination lacks or that is mapped twice, each choice a target does not
 *   allow, and each required target that is not mapped.
 */
export function checkMapping(
  mapping: readonly MappingRow[],
  union: XdmObject,
  targets: readonly TargetField[],
  namespaces: readonly string[],
): void {
  const known: KnownSources = knownSourcesOf(union, namespaces);
  const mapped = mapping.map(({ target }) => findTarget(targets, target));
  const details = [
    ...mapping.flatMap((row, index) => checkRow(row, `/mapping/${index}`, targets, known)),
    ...findDoubles(mapping, mapped),
    ...findClashes(mapped),
    ...findMissing(mapped, targets),
  ];
  const [first] = details;
  if (first !== undefined)
    throw new HeadraceError('invalid_input', `The mapping is faulty. ${first.message}`, { details });
}

type Mapped = readonly (TargetField | undefined)[];

/** Names of Salesforce and the like heed no case, so that two names may be one field. */
const fieldKey = ({ field, parent }: TargetField): string => `${parent?.object ?? ''}.${field}`.toLowerCase();

function findDoubles(mapping: readonly MappingRow[], mapped: Mapped): ErrorDetail[] {
  const owners = new Map<string, number>();
  return mapping.flatMap(({ target }, index): ErrorDetail[] => {
    const found = mapped[index];
    const key = found === undefined ? target : fieldKey(found);
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, index);
      return [];
    }
    const other = mapping[owner]?.target;
    const name = other === target ? '' : ` as "${other}"`;
    const message = `The target "${target}" is mapped by row ${owner} already${name}.`;
    return [{ pointer: `/mapping/${index}/target`, message }];
  });
}

/** The field that takes the id of the parent, and the parent's own fields, would contradict one another. */
function findClashes(mapped: Mapped): ErrorDetail[] {
  const parent = mapped.find((target) => target?.parent !== undefined);
  const link = parent?.parent?.linkField.toLowerCase();
  return mapped.flatMap((target, index): ErrorDetail[] => {
    if (target === undefined || target.parent !== undefined || target.field.toLowerCase() !== link) return [];
    const message = `The target "${target.name}" names the ${parent?.parent?.object}, and "${parent?.name}" describes one to be found or made. Map one of the two.`;
    return [{ pointer: `/mapping/${index}/target`, message }];
  });
}

function findMissing(mapped: Mapped, targets: readonly TargetField[]): ErrorDetail[] {
  const present = new Set(mapped);
  const parents = new Set(mapped.flatMap((target) => target?.parent?.object ?? []));
  return targets
    .filter(({ required, parent }) => required && (parent === undefined || parents.has(parent.object)))
    .filter((target) => !present.has(target))
    .map(({ name, title, parent }) => ({
      pointer: '/mapping',
      keyword: 'required',
      message: `The target "${name}" (${title}) is required by the destination${parent === undefined ? '' : ` for each ${parent.object}`}, and nothing is mapped to it.`,
    }));
}
