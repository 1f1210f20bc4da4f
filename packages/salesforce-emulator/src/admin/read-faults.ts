import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';
import { type Faults, noFaults } from './faults.ts';

const readCount = (object: JsonObject, key: string, otherwise: number, most: number): number => {
  const value = ownValue(object, key);
  if (value === undefined) return otherwise;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
    throw new Error(`"${key}" must be a whole number from 0 to ${most}.`);
  return value;
};

const readText = (object: JsonObject, key: string, otherwise: string): string => {
  const value = ownValue(object, key);
  if (value === undefined) return otherwise;
  if (typeof value !== 'string') throw new Error(`"${key}" must be a text.`);
  return value;
};

const readObject = (object: JsonObject, key: string): JsonObject => {
  const value = ownValue(object, key);
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw new Error(`"${key}" must be an object.`);
  return value;
};

/** Reads a fault order; what it leaves out is as without faults. Throws an Error naming the key. */
export function readFaults(input: JsonValue): Faults {
  if (!isJsonObject(input))
    throw new Error('Expected a JSON object with latency_ms, fail, cut, path_prefix.');
  const known = ['latency_ms', 'fail', 'cut', 'path_prefix'];
  const unknown = Object.keys(input).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`Unknown key "${unknown}". Known keys are ${known.join(', ')}.`);
  const fail = readObject(input, 'fail');
  const cut = readObject(input, 'cut');
  const when = readText(cut, 'when', noFaults.cut.when);
  if (when !== 'before_write' && when !== 'after_write')
    throw new Error('"cut.when" must be before_write or after_write.');
  const status = readCount(fail, 'status', noFaults.fail.status, 599);
  if (status < 400) throw new Error('"fail.status" must be from 400 to 599.');
  return {
    latencyMs: readCount(input, 'latency_ms', 0, 600_000),
    fail: {
      remaining: readCount(fail, 'count', 0, 1_000_000_000),
      status,
      errorCode: readText(fail, 'error_code', noFaults.fail.errorCode),
    },
    cut: { remaining: readCount(cut, 'count', 0, 1_000_000_000), when },
    pathPrefix: readText(input, 'path_prefix', noFaults.pathPrefix),
  };
}

/** The wire form of the faults still to come. */
export const faultsJson = (faults: Faults): JsonObject => ({
  latency_ms: faults.latencyMs,
  fail: { count: faults.fail.remaining, status: faults.fail.status, error_code: faults.fail.errorCode },
  cut: { count: faults.cut.remaining, when: faults.cut.when },
  path_prefix: faults.pathPrefix,
});
