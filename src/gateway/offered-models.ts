/**
 * The models that providers say they have for an account, asked for now and then. Shipped lists hold until there is an
 * answer, and where there is none; models that are not listed any more still work.
 */
import type { Credential } from '../credentials/credential.ts';
import { isObject, parseJson } from '../protocols/json.ts';
import { endpointUrl } from '../providers/provider.ts';
import type { Log } from '../telemetry/log.ts';
import type { Surroundings } from './upstream/call.ts';

export interface OfferedModels {
  /** The credentials with the lists that their providers gave. */
  applied(credentials: readonly Credential[]): Credential[];
  /** Asks for lists that are missing or old. Gives whether any list is another than before; never rejects. */
  look(credentials: readonly Credential[]): Promise<boolean>;
}

export interface OfferedModelsOptions extends Pick<Surroundings, 'fetch' | 'userAgent' | 'now' | 'proxies'> {
  log: Pick<Log, 'debug'>;
}

/** Milliseconds that a list is good for, as the peer has it; also before one that could not be had is asked for again. */
export const listAge = 3 * 3_600_000;

/** Milliseconds to wait for a list. */
const patience = 30_000;

interface Known {
  askedAt: number;
  names: readonly string[] | undefined;
}

export function createOfferedModels(options: OfferedModelsOptions): OfferedModels {
  const { now, log } = options;
  const lists = new Map<string, Known>();

  async function lookAt(credential: Credential): Promise<boolean> {
    const { id, secret } = credential;
    const token = typeof secret === 'string' ? secret : secret.current();
    const known = lists.get(id);
    // A token that has run out is renewed for requests, not for lists.
    if (token === undefined || (known !== undefined && now() - known.askedAt < listAge)) return false;
    const asked: Known = { askedAt: now(), names: known?.names };
    lists.set(id, asked);
    const names = await ask(credential, token, options).catch((error: unknown) => {
      log.debug('no list of models', { credential: credential.label, reason: String(error) });
      return undefined;
    });
    if (names === undefined || names.length === 0 || sameNames(names, asked.names)) return false;
    asked.names = names;
    return true;
  }

  return {
    applied: (credentials) =>
      credentials.map((credential) => {
        const names = lists.get(credential.id)?.names;
        if (names === undefined) return credential;
        const { provider } = credential;
        return {
          ...credential,
          provider: { ...provider, listed: names, families: [...provider.families, ...names] },
        };
      }),
    async look(credentials) {
      let changed = false;
      for (const credential of credentials) {
        if (credential.provider.offers !== undefined && (await lookAt(credential))) changed = true;
      }
      return changed;
    },
  };
}

/** Undefined when the provider gives no list. Rejects when it cannot be reached. */
async function ask(
  { provider, baseUrl, proxyUrl, headers }: Credential,
  token: string,
  { fetch, userAgent, proxies }: OfferedModelsOptions,
): Promise<readonly string[] | undefined> {
  const { offers } = provider;
  if (offers === undefined) return undefined;
  const url = endpointUrl(baseUrl, offers.path);
  const asked = offers.body === undefined ? undefined : JSON.stringify(offers.body);
  const own = Object.entries(headers).filter(([, value]) => !value.startsWith('$'));
  const response = await fetch(url, {
    ...(asked === undefined ? {} : { method: 'POST', body: asked }),
    headers: {
      accept: 'application/json',
      ...(asked === undefined ? {} : { 'content-type': 'application/json' }),
      'user-agent': userAgent,
      ...provider.headers,
      ...provider.authenticate(token, baseUrl),
      ...Object.fromEntries(own),
    },
    redirect: 'manual',
    signal: AbortSignal.timeout(patience),
    proxy: await proxies.proxyFor(url, proxyUrl),
    tls: provider.tls,
  });
  const body = parseJson(await response.text());
  if (response.status !== 200 || !isObject(body)) return undefined;
  return offers.names(body);
}

function sameNames(one: readonly string[], other: readonly string[] | undefined): boolean {
  return other?.length === one.length && one.every((name, index) => name === other[index]);
}
