import { BlockList, isIP } from 'node:net';
import Type from 'typebox';

const address = () => Type.Union([Type.String({ format: 'ipv4' }), Type.String({ format: 'ipv6' })]);

/** Addresses from one to another, both included, of the same family. */
export const ipRangeSchema = Type.Object({ from: address(), to: address() }, { additionalProperties: false });
export type IpRange = Type.Static<typeof ipRangeSchema>;

const compiled = new WeakMap<readonly IpRange[], BlockList>();

function listOf(ranges: readonly IpRange[]): BlockList {
  const known = compiled.get(ranges);
  if (known !== undefined) return known;
  const list = new BlockList();
  for (const { from, to } of ranges) {
    try {
      list.addRange(from, to, isIP(from) === 6 ? 'ipv6' : 'ipv4');
    } catch {
      // A range that ends before it begins holds no address.
    }
  }
  compiled.set(ranges, list);
  return list;
}

/** Whether a client's address lies in one of the ranges; IPv4 mapped into IPv6 counts as IPv4. */
export function isInRanges(ranges: readonly IpRange[], clientAddress: string): boolean {
  const plain = clientAddress.replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIP(plain);
  return family !== 0 && listOf(ranges).check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
