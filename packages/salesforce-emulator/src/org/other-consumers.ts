import Type from 'typebox';

const strict = { additionalProperties: false } as const;
const calls = () => Type.Number({ minimum: 0, maximum: 1_000_000_000 });

/**
 * API calls of programs that share the org's allowance: so many an hour from the order on, or so many at each
 * of some moments (ISO 8601, or milliseconds from the order on).
 */
export const otherConsumersSchema = Type.Union([
  Type.Object({ per_hour: calls() }, strict),
  Type.Object(
    {
      list: Type.Array(
        Type.Object(
          { at: Type.Union([Type.String({ maxLength: 40 }), Type.Number()]), calls: calls() },
          strict,
        ),
        { maxItems: 10_000 },
      ),
    },
    strict,
  ),
]);

/** What others use of the org's calls, as a function of the org's time. */
export type OtherConsumers =
  | { readonly kind: 'steady'; readonly since: number; readonly perHour: number }
  | { readonly kind: 'list'; readonly uses: readonly { readonly at: number; readonly calls: number }[] };

/** Reads an order given at this moment. Throws an Error for a moment that is none. */
export function readOtherConsumers(
  order: Type.Static<typeof otherConsumersSchema>,
  instant: number,
): OtherConsumers {
  if ('per_hour' in order) return { kind: 'steady', since: instant, perHour: order.per_hour };
  const uses = order.list.map(({ at, calls }, index) => {
    const moment = typeof at === 'number' ? instant + at : Date.parse(at);
    if (Number.isNaN(moment)) throw new Error(`Limits: others.list[${index}].at: expected an instant.`);
    return { at: moment, calls };
  });
  return { kind: 'list', uses };
}

const hourMs = 3_600_000;
const windowMs = 24 * hourMs;

/** Calls others made in the 24 hours before this moment. */
export function usedByOthers(others: OtherConsumers | undefined, instant: number): number {
  if (others === undefined) return 0;
  if (others.kind === 'steady')
    return Math.floor((Math.min(Math.max(instant - others.since, 0), windowMs) / hourMs) * others.perHour);
  let used = 0;
  for (const { at, calls } of others.uses) if (at <= instant && at > instant - windowMs) used += calls;
  return used;
}
