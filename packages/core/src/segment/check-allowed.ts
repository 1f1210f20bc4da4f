import { nearestName } from '../xdm/nearest-name.ts';
import { foldCase } from './functions.ts';
import { refuse, type TypeCheck } from './type-check.ts';
import type { TypedExpression } from './typed-expression.ts';

/** Most values that a message lists. */
const mostListed = 12;

/** Reports a written text that the attribute can never have. */
export function checkAllowed(
  check: TypeCheck,
  attribute: TypedExpression,
  written: TypedExpression,
  isCaseSensitive = true,
): void {
  const { allowed } = attribute;
  const { constant } = written;
  if (allowed === undefined || typeof constant !== 'string') return;
  const same = (value: string): boolean =>
    isCaseSensitive ? value === constant : foldCase(value) === foldCase(constant);
  if (allowed.some(same)) return;
  const nearest = nearestName(constant, allowed);
  const listed = allowed.slice(0, mostListed).map((value) => JSON.stringify(value));
  if (allowed.length > mostListed) listed.push('…');
  const hint = nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
  refuse(
    check,
    written.position,
    `found ${JSON.stringify(constant.slice(0, 100))}, expected a value of ${attribute.description}: ${listed.join(', ')}.${hint}`,
  );
}
