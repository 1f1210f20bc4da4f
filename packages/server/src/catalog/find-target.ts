import { nearestName, type TargetField } from '@headrace/core';

/** A target by its name or another it may be called by. */
export const findTarget = (targets: readonly TargetField[], name: string): TargetField | undefined =>
  targets.find((target) => target.name === name) ??
  targets.find(({ aliases }) => aliases?.includes(name) === true);

/** Why there is no such target, with the nearest one. */
export function missingTarget(targets: readonly TargetField[], name: string): string {
  const names = targets.flatMap(({ name: own, aliases = [] }) => [own, ...aliases]);
  const nearest = nearestName(name, names);
  const shown = targets.slice(0, 40).map((target) => target.name);
  const hint =
    nearest === undefined
      ? `Known: ${shown.join(', ')}${targets.length > shown.length ? ' and others' : ''}.`
      : `Did you mean "${nearest}"?`;
  return `The destination has no target field ${JSON.stringify(name)}. ${hint}`;
}
