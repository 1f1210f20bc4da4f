import Type from 'typebox';
import { checkSection } from '../definition/check-section.ts';
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';
import { type FaultRule, type FaultRuleInput, faultKinds, isFaultKind, ruleSchemaOf } from './fault-rule.ts';

const strict = { additionalProperties: false } as const;
const milliseconds = (otherwise: number) =>
  Type.Integer({ minimum: 0, maximum: 86_400_000, default: otherwise });

const settingsSchema = Type.Object(
  {
    seed: Type.String({ default: 'emulator', maxLength: 200 }),
    /** Locks of records: held this long after a write, waited for this long by others. 0 holds none. */
    locks: Type.Object(
      { transaction_ms: milliseconds(0), timeout_ms: milliseconds(10_000) },
      { ...strict, default: {} },
    ),
    /** More calls than `limit` that take `long_ms` at a time are refused; by edition when left out. */
    concurrency: Type.Object(
      { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })), long_ms: milliseconds(20_000) },
      { ...strict, default: {} },
    ),
    /** Creates beyond so many records are refused. */
    storage: Type.Object(
      { max_records: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })) },
      { ...strict, default: {} },
    ),
  },
  strict,
);

/** What else may go wrong: time, locks, room. All with their defaults. */
export type FaultSettings = Type.Static<typeof settingsSchema>;

/** Everything ordered to go wrong. */
export interface FaultOrder extends FaultSettings {
  readonly rules: readonly FaultRule[];
}

/** An order as people write it: what it leaves out has its default. */
export type FaultOrderInput =
  | {
      readonly seed?: string;
      readonly locks?: Partial<FaultSettings['locks']>;
      readonly concurrency?: Partial<FaultSettings['concurrency']>;
      readonly storage?: FaultSettings['storage'];
      readonly rules?: readonly FaultRuleInput[];
    }
  | {
      readonly latency_ms?: number;
      readonly fail?: { readonly count: number; readonly status?: number; readonly error_code?: string };
      readonly cut?: { readonly count: number; readonly when?: 'before_write' | 'after_write' };
      readonly path_prefix?: string;
    };

const simpleSchema = Type.Object(
  {
    latency_ms: Type.Integer({ minimum: 0, maximum: 600_000, default: 0 }),
    fail: Type.Object(
      {
        count: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
        status: Type.Integer({ minimum: 400, maximum: 599, default: 503 }),
        error_code: Type.String({ default: 'SERVER_UNAVAILABLE', minLength: 1 }),
      },
      { ...strict, default: {} },
    ),
    cut: Type.Object(
      {
        count: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
        when: Type.Enum(['before_write', 'after_write'], { default: 'before_write' }),
      },
      { ...strict, default: {} },
    ),
    path_prefix: Type.String({ default: '/services/data/', minLength: 1, maxLength: 500 }),
  },
  strict,
);
const simpleKeys = Object.keys(simpleSchema.properties);
const maxRules = 100;

/**
 * Reads an order of faults: `{seed?, rules?, locks?, concurrency?, storage?}`, or the short form
 * `{latency_ms?, fail?, cut?, path_prefix?}`. Throws an Error that says which key was wrong.
 */
export function parseFaultOrder(input: unknown): FaultOrder {
  if (!isJsonObject(input)) throw new Error('Faults: expected a JSON object.');
  if (!Object.hasOwn(input, 'rules') && Object.keys(input).some((key) => simpleKeys.includes(key)))
    return { ...parseSettings({}), rules: readSimple(input) };
  const { rules = [], ...settings } = input;
  if (!Array.isArray(rules) || rules.length > maxRules)
    throw new Error(`Faults: "rules" must be a list of at most ${maxRules}.`);
  return { ...parseSettings(settings), rules: rules.map(readRule) };
}

const parseSettings = (input: JsonObject): FaultSettings => checkSection(settingsSchema, input, 'Faults');

function readRule(input: JsonValue, index: number): FaultRule {
  const where = `Faults: rules[${index}]`;
  const fault = isJsonObject(input) ? ownValue(input, 'fault') : undefined;
  const kind = isJsonObject(fault) ? ownValue(fault, 'kind') : undefined;
  if (!isFaultKind(kind)) throw new Error(`${where}: "fault.kind" must be one of ${faultKinds.join(', ')}.`);
  // Of this kind's schema, which the type of all rules cannot follow.
  return checkSection(ruleSchemaOf(kind), input, where) as FaultRule;
}

function readSimple(input: JsonObject): FaultRule[] {
  const { latency_ms, fail, cut, path_prefix } = checkSection(simpleSchema, input, 'Faults');
  const always = { match: { path_prefix }, probability: 1, after: 0, every: 1 };
  const rules: FaultRule[] = [];
  if (latency_ms > 0)
    rules.push({ ...always, fault: { kind: 'latency', distribution: 'fixed', ms: latency_ms } });
  if (fail.count > 0) {
    const { status, error_code } = fail;
    const fault = { kind: 'error', form: 'array', when: 'before_write', status, error_code } as const;
    rules.push({ ...always, count: fail.count, fault });
  }
  if (cut.count > 0) rules.push({ ...always, count: cut.count, fault: { kind: 'cut', when: cut.when } });
  return rules;
}

/** Nothing goes wrong. */
export const noFaults: FaultOrder = parseFaultOrder({});
