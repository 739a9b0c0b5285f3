/** Whose request it is: the socket's address, or, where that is a proxy of the owner's, the one that the proxy names. */
import { BlockList, isIP } from 'node:net';

/** The address of the sender of a request to a listener; undefined where it is unknown, which never counts as near. */
export type AddressOf = (
  request: Request,
  listener: { requestIP(request: Request): { address: string } | null },
) => string | undefined;

/** The same, of a request whose socket's address is known. */
export type AddressReader = (request: { headers: Headers }, socket: string | undefined) => string | undefined;

/** Addresses in `X-Forwarded-For` that are looked at, from the newest on: no chain of proxies is longer. */
const longestChain = 20;

/**
 * `X-Forwarded-For` counts only where the socket is one of the `trusted` (addresses or CIDR blocks): each of them adds the address that it
 * was asked from at the end, so the last that is not a trusted proxy is the client, whatever precedes it. A value that is no
 * address there is unknown.
 */
export function addressReader(trusted: readonly string[]): AddressReader {
  if (trusted.length === 0) return (_, socket) => socket;
  const proxies = blocksOf(trusted);
  const isProxy = (address: string): boolean => proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ headers }, socket) => {
    if (socket === undefined || !isProxy(plain(socket))) return socket;
    const named = headers.get('x-forwarded-for');
    if (named === null) return socket;
    let address: string | undefined;
    for (const written of named.split(',').slice(-longestChain).reverse()) {
      address = addressIn(written);
      if (address === undefined || !isProxy(address)) return address;
    }
    return address;
  };
}

/** The same by a listener's request, with proxies that may change. */
export function clientAddress(): { addressOf: AddressOf; trust(proxies: readonly string[]): void } {
  let read = addressReader([]);
  return {
    addressOf: (request, listener) => read(request, listener.requestIP(request)?.address),
    trust(proxies) {
      read = addressReader(proxies);
    },
  };
}

function blocksOf(trusted: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const written of trusted) {
    const [address = '', bits] = written.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) blocks.addAddress(address, family);
    else blocks.addSubnet(address, Number(bits), family);
  }
  return blocks;
}

/** An address as proxies write it, some with a port behind it. */
function addressIn(written: string): string | undefined {
  const text = written.trim().replace(/^"(.*)"$/, '$1');
  const bare = plain(/^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1'));
  return isIP(bare) === 0 ? undefined : bare;
}

/** An IPv4 address in the clothes of IPv6 is that address (RFC 4291 §2.5.5.2); zones name interfaces of this computer. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
