import { requireCount, requireType } from '../call-check.ts';
import { decimal, finite, roundHalfUp, truncateTo, whole } from '../decimal.ts';
import { strict } from '../strict-function.ts';
import type { FunctionRule, FunctionRules } from '../term.ts';

const ofNumber = (apply: (value: number) => number): FunctionRule =>
  strict(['number'], 'number', (value) => finite(apply(decimal(value))) + 0);

const extreme =
  (better: (candidate: number, best: number) => boolean): FunctionRule =>
  (call) => {
    requireCount(call, 1, 255);
    const runs = call.args.map((_, index) => requireType(call, index, 'number'));
    return {
      type: 'number',
      run: (context) => {
        let best: number | undefined;
        for (const run of runs) {
          const value = run(context);
          if (typeof value !== 'number') return null;
          if (best === undefined || better(value, best)) best = value;
        }
        return best ?? null;
      },
    };
  };

/** The remainder has the sign of the number; by zero it is the number itself, as orgs have it. */
const remainder = (value: number, divisor: number): number =>
  divisor === 0 ? value : decimal(value - divisor * whole(value / divisor)) + 0;

/** FLOOR cuts towards zero and CEILING rounds away from it; MFLOOR and MCEILING are the ones of mathematics. */
export const mathFunctions: FunctionRules = {
  ABS: ofNumber(Math.abs),
  CEILING: ofNumber((value) => Math.sign(value) * Math.ceil(Math.abs(value))),
  EXP: ofNumber(Math.exp),
  FLOOR: ofNumber(Math.trunc),
  LN: ofNumber(Math.log),
  LOG: ofNumber(Math.log10),
  MAX: extreme((candidate, best) => candidate > best),
  MCEILING: ofNumber(Math.ceil),
  MFLOOR: ofNumber(Math.floor),
  MIN: extreme((candidate, best) => candidate < best),
  MOD: strict(['number', 'number'], 'number', remainder),
  PI: strict([], 'number', () => Math.PI),
  ROUND: strict(['number', 'number'], 'number', roundHalfUp),
  SQRT: ofNumber(Math.sqrt),
  TRUNC: strict(['number', 'number'], 'number', truncateTo),
};
