import { type LookupAddress, type LookupAllOptions, lookup as resolveName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** Code of the error of a connection that was not opened, since its address is not of the open internet. */
export const addressRefused = 'ADDRESS_REFUSED';

type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Opens connections to addresses of the open internet alone, for hosts that a user names: nothing inside the network
 * of this server may be reached through it. The addresses checked are those connected to, so that a name which
 * resolves otherwise a moment later changes nothing. A name of which any address is refused is refused.
 * @param resolve stands in for the resolver of the machine
 */
export function guardedConnector(
  options: { readonly allowLoopback: boolean; readonly timeoutMs: number },
  resolve: Resolve = resolveName,
): buildConnector.connector {
  const isAllowed = (address: string): boolean =>
    isPublicAddress(address) || (options.allowLoopback && isLoopbackAddress(address));
  const lookup: LookupFunction = (hostname, { all, ...how }, callback) =>
    resolve(hostname, { ...how, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) callback(error, '');
      else if (first === undefined || !addresses.every(({ address }) => isAllowed(address)))
        callback(refusal(), '');
      else if (all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  const connect = buildConnector({ timeout: options.timeoutMs, allowH2: false, lookup });
  return (target, callback) => {
    // An address in the place of a name is not looked up.
    const literal = target.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0 && !isAllowed(literal)) callback(refusal(), null);
    else connect(target, callback);
  };
}

const refusal = (): NodeJS.ErrnoException =>
  Object.assign(new Error('The address is not of the open internet.'), { code: addressRefused });
