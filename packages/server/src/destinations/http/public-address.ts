import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Ranges of IPv4 that are no host of the internet: private, shared, loopback, link-local (with the metadata services
 * of clouds), documentation, benchmarks, multicast, reserved.
 * Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its updates).
 */
const specialIPv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/**
 * Within 2000::/3, the global unicast addresses: protocol assignments (with Teredo), documentation, and 6to4, which
 * carries any IPv4 address in it.
 * Source: IANA IPv6 Special-Purpose Address Registry.
 */
const specialIPv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const blockList = (ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
};
const special = blockList(specialIPv4, 'ipv4');
const specialGlobal = blockList(specialIPv6, 'ipv6');
const globalUnicast = blockList(['2000::/3'], 'ipv6');
const loopback = blockList(['127.0.0.0/8'], 'ipv4');

/** Whether an IP address is one of the open internet. Whatever is not known to be one, is none. */
export const isPublicAddress = (address: string): boolean =>
  isIPv4(address)
    ? !special.check(address, 'ipv4')
    : isIPv6(address) && globalUnicast.check(address, 'ipv6') && !specialGlobal.check(address, 'ipv6');

/** Whether an IP address is this machine's own. */
export const isLoopbackAddress = (address: string): boolean =>
  isIPv4(address) ? loopback.check(address, 'ipv4') : address === '::1';
