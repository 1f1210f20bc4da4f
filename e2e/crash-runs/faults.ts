import type { FaultRuleInput } from '@headrace/salesforce-emulator';
import type { Chance } from './chance.ts';

/** What goes wrong with calls for a while: cut, late, refused, locked, slow, signed out. */
export function chooseFaults(chance: Chance): {
  rules: FaultRuleInput[];
  locks?: { transaction_ms: number; timeout_ms: number };
} {
  const write = { path_prefix: '/services/data/', method: chance.oneOf(['PATCH', 'POST']) };
  const any = { path_prefix: '/services/' };
  const kinds: readonly (() => FaultRuleInput)[] = [
    () => ({
      match: write,
      count: 1 + chance.upTo(1),
      fault: { kind: 'cut', when: chance.oneOf(['before_write', 'after_write', 'mid_answer']) },
    }),
    () => ({ match: write, count: 1, fault: { kind: 'late_write', delay_ms: 1_000 * chance.upTo(590) } }),
    () => ({
      match: any,
      count: 1 + chance.upTo(5),
      fault: {
        kind: 'error',
        when: chance.oneOf(['before_write', 'after_write']),
        form: chance.oneOf(['array', 'html']),
      },
    }),
    () => ({ match: any, count: 1, fault: { kind: 'session_expiry' } }),
    () => ({
      match: any,
      count: 1 + chance.upTo(2),
      fault: { kind: 'error', error_code: 'REQUEST_LIMIT_EXCEEDED' },
    }),
    () => ({
      match: {},
      count: 2,
      fault: { kind: 'record_error', error_code: 'UNABLE_TO_LOCK_ROW', share: 0.5 },
    }),
    () => ({ match: any, fault: { kind: 'latency', distribution: 'uniform', ms: 1, max_ms: 60 } }),
  ];
  const rules = Array.from({ length: chance.upTo(2) }, () => chance.oneOf(kinds)());
  return { rules, ...(chance.is(0.15) && { locks: { transaction_ms: 60, timeout_ms: 20 } }) };
}
