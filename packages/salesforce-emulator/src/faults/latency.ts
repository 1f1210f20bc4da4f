import Type from 'typebox';
import { type Chance, drawNormal } from './chance.ts';

const maxLatencyMs = 3_600_000;
const milliseconds = () => Type.Number({ minimum: 0, maximum: maxLatencyMs });

/** How long calls wait: `ms` is the fixed time, the least of a uniform one, the mean or the median. */
export const latencySchema = Type.Object(
  {
    kind: Type.Literal('latency'),
    distribution: Type.Enum(['fixed', 'uniform', 'normal', 'lognormal'], { default: 'fixed' }),
    ms: milliseconds(),
    max_ms: Type.Optional(milliseconds()),
    deviation_ms: Type.Optional(milliseconds()),
    sigma: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
    outliers: Type.Optional(
      Type.Object(
        { share: Type.Number({ minimum: 0, maximum: 1 }), ms: milliseconds() },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Latency = Type.Static<typeof latencySchema>;

/** The wait of one call in milliseconds, never negative and never above an hour. */
export function drawLatency(latency: Latency, chance: Chance): number {
  const { outliers } = latency;
  if (outliers !== undefined && chance() < outliers.share) return outliers.ms;
  return Math.min(Math.max(drawUsual(latency, chance), 0), maxLatencyMs);
}

function drawUsual(latency: Latency, chance: Chance): number {
  const { ms } = latency;
  switch (latency.distribution) {
    case 'fixed':
      return ms;
    case 'uniform':
      return ms + chance() * Math.max((latency.max_ms ?? ms) - ms, 0);
    case 'normal':
      return ms + drawNormal(chance) * (latency.deviation_ms ?? ms / 4);
    case 'lognormal':
      return ms * Math.exp(drawNormal(chance) * (latency.sigma ?? 0.5));
  }
}
