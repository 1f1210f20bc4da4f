import { expect, test } from 'vitest';
import { decideRestart } from './restart-decision.ts';

test.each([
  ['the first death', [1_000], { kind: 'restart', delayMs: 250 }],
  ['quick deaths', [1_000, 2_000, 3_000], { kind: 'restart', delayMs: 1_000 }],
  ['deaths far apart', [0, 60_000, 120_000, 180_000, 240_000, 300_000], { kind: 'restart', delayMs: 250 }],
  ['five within a minute', [0, 100_000, 101_000, 102_000, 103_000, 104_000], { kind: 'give_up', deaths: 5 }],
])('%s', (_, deaths, decision) => expect(decideRestart(deaths)).toEqual(decision));
