/**
 * The models that providers list for an account, asked for now and then. Shipped lists hold until there is an
 * answer, and where there is none; models that are not listed any more still work.
 */
import type { Bounds } from '../config/bounds.ts';
import type { Credential } from '../credentials/credential.ts';
import { reasonOf } from '../ground/reason.ts';
import { parseJson } from '../protocols/json.ts';
import { endpointUrl } from '../providers/provider.ts';
import type { Log } from '../telemetry/log.ts';
import type { UpstreamDeps } from './upstream/call.ts';
import { askProvider } from './upstream/provider-question.ts';

/** What came of asking for a credential's list: how many names, or why there are none. */
export type ListOutcome = { models: number } | { reason: string };

export interface OfferedModels {
  /** The credentials with the lists that their providers gave. */
  applied(credentials: readonly Credential[]): Credential[];
  /** Asks for lists that are missing or old. Gives whether any list is another than before; never rejects. */
  look(credentials: readonly Credential[]): Promise<boolean>;
  /** What came of it last; undefined for a credential that was not asked for. */
  outcomeOf(credential: Credential): ListOutcome | undefined;
}

export interface OfferedModelsOptions extends Pick<UpstreamDeps, 'http' | 'userAgent' | 'clock' | 'proxies'> {
  log: Pick<Log, 'debug' | 'info' | 'warn'>;
  /** What is in force when a list is asked for: the bound of its answer, milliseconds until there has to be a connection. */
  inForce: () => { bounds: Pick<Bounds, 'account-answer'>; timeouts: { connect: number } };
  /** Milliseconds to wait for a list; 30 seconds by default. */
  patience?: number;
}

/** Milliseconds that a list is good for, as the peer has it; also before one that could not be had is asked for again. */
export const listAge = 3 * 3_600_000;

/** Milliseconds after which a list is asked for again that could not be had, where nothing is served without it. */
export const retryAge = 60_000;

/** Milliseconds to wait for a list. */
const usualPatience = 30_000;

/** Lists that are asked for at a time. */
const atOnce = 8;

/** Names of a list that are taken: the longest public list has a tenth of that. */
const mostNames = 10_000;
const longestName = 256;

interface Known {
  askedAt: number;
  names: readonly string[] | undefined;
  /** Why the last answer had none. */
  reason: string | undefined;
}

export function createOfferedModels(options: OfferedModelsOptions): OfferedModels {
  const { clock, log } = options;
  const lists = new Map<string, Known>();

  async function lookAt(credential: Credential): Promise<boolean> {
    const { id, secret, label, provider } = credential;
    const token = typeof secret === 'string' ? secret : secret.current();
    const known = lists.get(id);
    // Without a list such a credential serves nothing.
    const depends = provider.families.length === 0;
    const age = depends && known?.reason !== undefined ? retryAge : listAge;
    // A token that has run out is renewed for requests, not for lists.
    if (token === undefined || (known !== undefined && clock.now() - known.askedAt < age)) return false;
    const asked: Known = { askedAt: clock.now(), names: known?.names, reason: undefined };
    lists.set(id, asked);
    const answer = await ask(credential, token, options).catch((error: unknown) => ({
      reason: reasonOf(error),
    }));
    const { names } = 'names' in answer ? answer : { names: [] };
    if (names.length === 0) {
      asked.reason = 'reason' in answer ? answer.reason : 'its list is empty';
      if (!depends || asked.names !== undefined)
        log.debug('no list of models', { credential: label, reason: asked.reason });
      else if (known?.reason === undefined)
        log.warn('nothing is served by this service: it gives no list of models; name them under "models"', {
          credential: label,
          reason: asked.reason,
        });
      return false;
    }
    if (sameNames(names, asked.names)) return false;
    asked.names = names;
    if (depends) log.info('models found', { credential: label, models: names.length });
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
      const rest = credentials.filter(({ provider }) => provider.offers !== undefined);
      const one = async (): Promise<void> => {
        for (let next = rest.shift(); next !== undefined; next = rest.shift())
          if (await lookAt(next)) changed = true;
      };
      await Promise.all(Array.from({ length: atOnce }, one));
      return changed;
    },
    outcomeOf({ id }) {
      const known = lists.get(id);
      if (known?.names !== undefined) return { models: known.names.length };
      return known?.reason === undefined ? undefined : { reason: known.reason };
    },
  };
}

/** The names, or why the provider gives none. Rejects when it cannot be reached. */
async function ask(
  credential: Credential,
  token: string,
  { http, userAgent, proxies, log, inForce, patience = usualPatience }: OfferedModelsOptions,
): Promise<{ names: readonly string[] } | { reason: string }> {
  const { offers } = credential.provider;
  if (offers === undefined) return { names: [] };
  const url = endpointUrl(credential.baseUrl, offers.path);
  const deps = { http, userAgent, proxies, log, ...inForce() };
  const { status, text } = await askProvider(credential, token, { url, body: offers.body, patience }, deps);
  const { pathname } = new URL(url);
  if (text === undefined) return { reason: `${pathname} answered with ${status}` };
  const body = parseJson(text);
  if (body === undefined)
    return { reason: `${pathname} answered with something other than a list of models` };
  const names = offers.names(body).filter((name) => name !== '' && name.length <= longestName);
  return { names: [...new Set(names)].slice(0, mostNames) };
}

function sameNames(one: readonly string[], other: readonly string[] | undefined): boolean {
  return other?.length === one.length && one.every((name, index) => name === other[index]);
}
