/** Access to the management API over HTTP: by key, from where the configuration permits it. */
import type { Config } from '../config/schema.ts';
import { isLoopback } from '../ground/loopback.ts';
import { type ManagementKey, managementKey } from './management-key.ts';
import { type Reply, refuse } from './reply.ts';
import type { Caller } from './route.ts';

/** Keys beside that of the configuration, as the peer has them. */
export interface ManagementKeys {
  /** `MANAGEMENT_PASSWORD`: as good as `secret-key`. */
  everywhere?: string | undefined;
  /** `--password`: for this computer only. */
  here?: string | undefined;
}

export interface AccessSettings {
  'remote-management': Pick<Config['remote-management'], 'allow-remote' | 'secret-key'>;
}

/** Counts wrong keys and slows them down. */
export interface WrongKeys {
  /** Resolves after the delay of this one, with that of the next from the same address, in milliseconds. */
  refused(what: {
    kind: 'wrong-management-key';
    address: string | undefined;
    method: string;
    path: string;
  }): Promise<number>;
}

/** Whether a request may go on, whatever it asks for. */
export type AccessDecision =
  /** No key is configured: nothing shows that there could be a management. */
  { kind: 'absent' } | { kind: 'refused'; reply: Reply } | { kind: 'caller'; caller: Caller };

export interface Access {
  /** `address` is the sender's, as far as known. */
  decide(request: Request, path: string, address: string | undefined): Promise<AccessDecision>;
  /** Whether there is a management for this address at all. */
  isThere(address: string | undefined): boolean;
  /** Whether this is a key that may be used from this address. A wrong one is not counted here. */
  admits(given: string, address: string | undefined): Promise<boolean>;
}

/** `settings` are those in force. */
export function managementAccess(
  settings: () => AccessSettings,
  keys: ManagementKeys,
  wrongKeys: WrongKeys,
): Access {
  const everywhere = keys.everywhere === undefined ? undefined : managementKey(keys.everywhere);
  const here = keys.here === undefined ? undefined : managementKey(keys.here);
  let known: { written: string; key: ManagementKey } | undefined;

  function secret(): ManagementKey | undefined {
    const written = settings()['remote-management']['secret-key'];
    if (written === undefined) return undefined;
    if (known?.written !== written) known = { written, key: managementKey(written) };
    return known.key;
  }

  /** The name of the key that opens; the cheap ones come first. */
  async function opening(given: string, local: boolean): Promise<Caller['key'] | undefined> {
    if (await everywhere?.opens(given)) return 'MANAGEMENT_PASSWORD';
    if (local && (await here?.opens(given))) return '-password';
    return (await secret()?.opens(given)) ? 'secret-key' : undefined;
  }

  const isThere = (address: string | undefined): boolean =>
    secret() !== undefined || everywhere !== undefined || (here !== undefined && isLocal(address));
  const isKeptOut = (address: string | undefined): boolean =>
    !settings()['remote-management']['allow-remote'] && !isLocal(address);

  return {
    isThere,
    async decide(request, path, address) {
      if (!isThere(address)) return { kind: 'absent' };
      if (isKeptOut(address))
        return { kind: 'refused', reply: refuse(403, 'remote management disabled', { code: 'not_local' }) };
      const presented = presentedKeys(request.headers);
      if (presented.length === 0)
        return { kind: 'refused', reply: refuse(401, 'missing management key', { code: 'missing_key' }) };
      for (const given of presented) {
        const key = await opening(given, isLocal(address));
        if (key !== undefined) return { kind: 'caller', caller: { key, address } };
      }
      const { method } = request;
      const next = await wrongKeys.refused({ kind: 'wrong-management-key', address, method, path });
      const reply = refuse(401, 'invalid management key', { code: 'wrong_key' });
      if (next > 0) reply.response.headers.set('retry-after', String(Math.ceil(next / 1000)));
      return { kind: 'refused', reply };
    },
    async admits(given, address) {
      return !isKeptOut(address) && (await opening(given, isLocal(address))) !== undefined;
    },
  };
}

/** The keys of `X-Management-Key` and of `Authorization`, with or without its scheme: beside the former, that may be somebody else's, as a client key is. */
function presentedKeys(headers: Headers): string[] {
  const own = headers.get('x-management-key')?.trim();
  const authorization = headers.get('authorization')?.trim();
  const bare = authorization?.replace(/^bearer(\s+|$)/i, '').trim();
  return [...new Set([own ?? '', bare ?? ''])].filter((key) => key !== '');
}

function isLocal(address: string | undefined): boolean {
  return address !== undefined && isLoopback(address);
}
