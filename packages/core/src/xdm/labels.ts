import type { ErrorDetail } from '../errors/headrace-error.ts';
import type { XdmField, XdmObject } from './field.ts';
import { exactPointerTo } from './json-pointer.ts';
import { nearestName } from './nearest-name.ts';
import { listFields, parseXdmPath } from './path.ts';

/** The data usage labels everybody knows, and what they say. Source: the platform's data governance, labels. */
export const standardLabels: Readonly<Record<string, string>> = {
  C1: 'May leave only in aggregated form.',
  C2: 'May not go to third parties.',
  C3: 'May not be combined with directly identifying data.',
  C4: 'May not target ads or content.',
  C5: 'May not serve cross-site interest targeting.',
  C6: 'May not serve on-site ads.',
  C7: 'May not serve on-site content.',
  C8: 'May not serve measurement.',
  C9: 'May not serve data science.',
  C10: 'May not serve activation of stitched identities.',
  C11: 'May not enter Segment Match.',
  C12: 'May not be exported at all.',
  I1: 'Identifies a person directly.',
  I2: 'Identifies a person in combination.',
  S1: 'Names a precise position.',
  S2: 'Names a rough position.',
  PSPD: 'Is sensitive personal data.',
  RHD: 'Is regulated health data.',
  'Third-Party': 'Comes from a vendor.',
};

/** Dotted path → labels put on that field. What lies below a field inherits its labels. */
export type FieldLabels = Readonly<Record<string, readonly string[]>>;

/** The labels a field has, its own and those of the fields around it, in order. */
export function labelsAt(labels: FieldLabels, path: string): readonly string[] {
  const found = new Set<string>();
  const steps = parseXdmPath(path);
  for (let length = 1; length <= steps.length; length++) {
    const around = steps.slice(0, length).join('.');
    if (Object.hasOwn(labels, around)) for (const label of labels[around] ?? []) found.add(label);
  }
  return [...found].sort();
}

/** Labels differ by case, and a custom one that differs from a standard one by case alone is a mistake. */
const labelPattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Why a name cannot be a data usage label; undefined when it can. */
export function labelFault(label: string): string | undefined {
  if (!labelPattern.test(label))
    return 'This is no name of a label: use letters, digits, _ and -, beginning with a letter, at most 64.';
  if (Object.hasOwn(standardLabels, label)) return undefined;
  const meant = Object.keys(standardLabels).find((known) => known.toLowerCase() === label.toLowerCase());
  return meant === undefined ? undefined : `Labels differ by case. Did you mean "${meant}"?`;
}

/** Looking for the nearest name takes time, and nobody reads more. */
const maxFaults = 20;

/** What is wrong with the labels of a schema, at most 20 faults; empty when nothing is. Pointers are into the labels. */
export function checkLabels(schema: XdmObject, labels: FieldLabels): readonly ErrorDetail[] {
  const errors: ErrorDetail[] = [];
  for (const [path, names] of Object.entries(labels)) {
    const pointer = exactPointerTo([path]);
    for (const [index, name] of names.entries()) {
      const message = labelFault(name);
      if (message !== undefined) errors.push({ pointer: `${pointer}/${index}`, message });
    }
    if (!isFieldPath(schema, path)) errors.push({ pointer, message: unknownField(schema, path) });
    if (errors.length >= maxFaults) break;
  }
  return errors.slice(0, maxFaults);
}

function unknownField(schema: XdmObject, path: string): string {
  const paths = [...listFields(schema)].map((field) => field.path);
  const nearest = nearestName(path, paths);
  const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
  return `The schema has no field "${path.slice(0, 200)}".${hint}`;
}

/** Whether a path names a field; items of lists and values of maps are fields, too: `productListItems.SKU`. */
function isFieldPath(schema: XdmObject, path: string): boolean {
  let field: XdmField = schema;
  for (const key of parseXdmPath(path)) {
    while (field.type === 'array' || field.type === 'map')
      field = field.type === 'array' ? field.items : field.values;
    const next: XdmField | undefined =
      field.type === 'object' && Object.hasOwn(field.properties, key) ? field.properties[key] : undefined;
    if (next === undefined) return false;
    field = next;
  }
  return true;
}
