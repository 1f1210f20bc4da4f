import type { ErrorDetail } from '../errors/headrace-error.ts';
import type { CsvMapping } from './csv-mapping.ts';
import type { XdmObject } from './field.ts';
import type { IdentityDescriptor } from './identity-descriptor.ts';
import { pointerTo, stepsOf } from './json-pointer.ts';
import { parseXdmPath } from './path.ts';

type Filled = Pick<CsvMapping, 'columns' | 'constants'>;

/**
 * What no column and no constant fills although every record needs it: each row of a file would be refused.
 * @returns with pointers into the record; empty when nothing is missing.
 */
export function findMappingGaps(
  { columns, constants }: Filled,
  schema: XdmObject,
  identities: readonly IdentityDescriptor[],
): readonly ErrorDetail[] {
  const filled = [...columns, ...constants].map(({ steps }) => steps.map(String));
  const isFilled = (steps: readonly string[]) =>
    filled.some((other) => steps.every((step, index) => other[index] === step));
  const marksPrimary = filled.some((steps) => steps[0] === 'identityMap' && steps.at(-1) === 'primary');

  const primary = identities.find((identity) => identity.primary);
  const primaryPointer = primary && pointerTo(parseXdmPath(primary.path));
  const gaps = (schema.required ?? [])
    .filter((name) => !isFilled([name]))
    .map((name) => ({
      pointer: pointerTo([name]),
      keyword: 'required',
      message: `Nothing fills "${name}", which every record of this dataset needs.`,
    }));
  const isWhose = marksPrimary || (primaryPointer !== undefined && isFilled(stepsOf(primaryPointer)));
  if (isWhose || gaps.some(({ pointer }) => pointer === primaryPointer)) return gaps;
  return [
    ...gaps,
    {
      pointer: primaryPointer ?? '/identityMap',
      keyword: 'primaryIdentity',
      message:
        primary === undefined
          ? 'Nothing says whose a record is. Let a column fill identityMap.CRMID[0].id (or another namespace), and set the constant identityMap.CRMID[0].primary to true.'
          : `Nothing fills "${primary.path}", the primary identity, which says whose a record is.`,
    },
  ];
}
