import Type from 'typebox';
import { latencySchema } from './latency.ts';

const share = () => Type.Number({ minimum: 0, maximum: 1 });
const whole = () => Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const text = () => Type.String({ minLength: 1, maxLength: 500 });
const strict = { additionalProperties: false } as const;
const moment = () => Type.Enum(['before_write', 'after_write'], { default: 'before_write' });

/** Which calls, or which records, a rule is about; what is left out matches all. `path` is a glob. */
const matchSchema = Type.Object(
  {
    method: Type.Optional(text()),
    path_prefix: Type.Optional(text()),
    path: Type.Optional(text()),
    object: Type.Optional(text()),
    client: Type.Optional(text()),
    operation: Type.Optional(Type.Enum(['create', 'update', 'upsert', 'delete'])),
  },
  strict,
);
export type FaultMatch = Type.Static<typeof matchSchema>;

/** The faults of whole calls and those of records, each under its `kind`. */
const faultSchemas = {
  latency: latencySchema,
  error: Type.Object(
    {
      kind: Type.Literal('error'),
      error_code: Type.String({ default: 'SERVER_UNAVAILABLE', minLength: 1, maxLength: 100 }),
      status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599 })),
      message: Type.Optional(text()),
      form: Type.Enum(['array', 'object', 'html'], { default: 'array' }),
      when: moment(),
    },
    strict,
  ),
  cut: Type.Object(
    {
      kind: Type.Literal('cut'),
      when: Type.Enum(['before_write', 'after_write', 'mid_answer'], { default: 'before_write' }),
    },
    strict,
  ),
  hang: Type.Object({ kind: Type.Literal('hang'), when: moment() }, strict),
  late_write: Type.Object(
    { kind: Type.Literal('late_write'), delay_ms: Type.Integer({ minimum: 0, maximum: 86_400_000 }) },
    strict,
  ),
  session_expiry: Type.Object({ kind: Type.Literal('session_expiry') }, strict),
  restore: Type.Object({ kind: Type.Literal('restore'), snapshot: text() }, strict),
  record_error: Type.Object(
    {
      kind: Type.Literal('record_error'),
      error_code: text(),
      message: Type.Optional(text()),
      fields: Type.Optional(Type.Array(text())),
      share: Type.Optional(share()),
      positions: Type.Optional(Type.Array(whole())),
    },
    strict,
  ),
  governor: Type.Object(
    {
      kind: Type.Literal('governor'),
      above: whole(),
      message: Type.String({ default: 'Too many SOQL queries: 101', minLength: 1, maxLength: 500 }),
      scope: Type.Enum(['record', 'call'], { default: 'record' }),
    },
    strict,
  ),
} as const;

export type FaultKind = keyof typeof faultSchemas;
type FaultOf<Kind extends FaultKind> = Type.Static<(typeof faultSchemas)[Kind]>;
export type Fault = { [Kind in FaultKind]: FaultOf<Kind> }[FaultKind];
/** A fault as people order it: what it leaves out has its default. */
export type FaultInput = {
  [Kind in FaultKind]: { readonly kind: Kind } & Partial<Omit<FaultOf<Kind>, 'kind'>>;
}[FaultKind];
export type RecordFault = Extract<Fault, { kind: 'record_error' | 'governor' }>;
export type CallFault = Exclude<Fault, RecordFault>;

const ruleFields = {
  name: Type.Optional(text()),
  match: Type.Object(matchSchema.properties, { ...strict, default: {} }),
  probability: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
  /** How many matching calls pass before the rule begins. */
  after: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
  /** Of those from then on, only each n-th is struck. */
  every: Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 1 }),
  /** How many calls it strikes in all. */
  count: Type.Optional(whole()),
};

/** One rule: when something goes wrong, and what. */
export interface FaultRule {
  readonly name?: string;
  readonly match: FaultMatch;
  readonly probability: number;
  readonly after: number;
  readonly every: number;
  readonly count?: number;
  readonly fault: Fault;
}

/** A rule as people order it. */
export type FaultRuleInput = Partial<Omit<FaultRule, 'fault'>> & { readonly fault: FaultInput };

export const isFaultKind = (kind: unknown): kind is FaultKind =>
  typeof kind === 'string' && Object.hasOwn(faultSchemas, kind);
export const faultKinds = Object.keys(faultSchemas);

/** The schema of a rule with this kind of fault. */
export const ruleSchemaOf = (kind: FaultKind): Type.TSchema =>
  Type.Object({ ...ruleFields, fault: faultSchemas[kind] }, strict);

export const isRecordFault = (fault: Fault): fault is RecordFault =>
  fault.kind === 'record_error' || fault.kind === 'governor';
