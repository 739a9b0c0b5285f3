/** The way to each provider: name, connection, certificate, through the proxy of its credentials. No key is sent. */
import { lookup } from 'node:dns/promises';
import { createConnection } from 'node:net';
import type { Config } from '../../config/schema.ts';
import type { Credential } from '../../credentials/credential.ts';
import { type Finding, fail, ok, patience, reasonWithin, skip, warn } from './check.ts';
import { type Outbound, openOutbound } from './outbound.ts';

/** Each address once for each proxy. */
export async function providerFindings(config: Config): Promise<Finding[]> {
  const { credentialsFromConfig } = await import('../../credentials/from-config.ts');
  const ways = new Map<string, Credential>();
  for (const credential of [...credentialsFromConfig(config), ...(await accountCredentials(config))])
    ways.set(`${new URL(credential.baseUrl).origin} ${credential.proxyUrl ?? ''}`, credential);
  if (ways.size === 0)
    return ['network.providers', 'network.ipv6'].map((id) => skip(id, 'The config names no provider.'));
  using outbound = await openOutbound(config);
  const found = await Promise.all([...ways.values()].map((credential) => looked(credential, outbound)));
  return found.flat();
}

/** The accounts, as far as they can be read: unreadable ones are reported elsewhere. */
async function accountCredentials(config: Config): Promise<Credential[]> {
  if (config.cluster !== undefined) return [];
  const { openStore } = await import('../auth/accounts.ts');
  const { listedCredentials } = await import('../auth/account-credentials.ts');
  try {
    return listedCredentials((await (await openStore(config)).list()).accounts, config);
  } catch {
    return [];
  }
}

async function looked(credential: Credential, outbound: Outbound): Promise<Finding[]> {
  const { origin, hostname, port, protocol } = new URL(credential.baseUrl);
  const proxy = outbound.proxyOf(credential, origin);
  const by = proxy === undefined ? '' : ' through its proxy';
  const id = 'network.providers';
  const answer = await outbound
    .fetch(credential, origin, { method: 'HEAD' })
    .then(() => ok(id, `${origin} answers${by}.`))
    .catch((error: unknown) => {
      const why = reasonWithin(error);
      return fail(
        id,
        `${origin} does not answer${by}: ${why.replace(/^through its proxy: /, '')}.`,
        `curl -I ${origin}`,
      );
    });
  // A proxy looks names up itself.
  if (proxy !== undefined) return [answer];
  const number = Number(port) || (protocol === 'https:' ? 443 : 80);
  return [answer, ...(await stalls(hostname, number))];
}

/** How addresses are found and tried: the system's ways, and those of tests. */
export interface Reach {
  addresses: (host: string) => Promise<{ address: string; family: number }[]>;
  /** How a connection ends: `silent` where nothing is heard within the time. */
  connect: (address: string, port: number) => Promise<'open' | 'refused' | 'silent'>;
}

const system: Reach = {
  addresses: (host) => lookup(host.replace(/^\[(.*)\]$/, '$1'), { all: true }),
  connect: (address, port) =>
    new Promise((resolve) => {
      const socket = createConnection({ host: address, port, timeout: patience });
      const end = (how: 'open' | 'refused' | 'silent') => {
        socket.destroy();
        resolve(how);
      };
      socket.once('connect', () => end('open'));
      socket.once('error', () => end('refused'));
      socket.once('timeout', () => end('silent'));
    }),
};

/** A host whose IPv6 address swallows what is sent, while IPv4 answers: each new connection may wait for it. */
export async function stalls(host: string, port: number, reach: Reach = system): Promise<Finding[]> {
  const found = await reach.addresses(host).catch(() => []);
  const [six, four] = [6, 4].map((family) => found.find((one) => one.family === family)?.address);
  if (six === undefined || four === undefined) return [];
  const [bySix, byFour] = await Promise.all([reach.connect(six, port), reach.connect(four, port)]);
  if (bySix !== 'silent' || byFour !== 'open')
    return [ok('network.ipv6', `${host} answers over IPv6, or rejects connections at once.`)];
  return [
    warn(
      'network.ipv6',
      `${host} answers by IPv4 alone, and its IPv6 address ${six} swallows what is sent: connections wait for it.`,
      'fix the IPv6 route, or prefer IPv4: precedence ::ffff:0:0/96 100 in /etc/gai.conf',
    ),
  ];
}
