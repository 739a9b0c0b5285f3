/**
 * What people may see and do while the gateway runs: how requests went, who rests, and an end to rests. The same over
 * HTTP below `/v0/management`, with the key of the configuration, and over the control socket, for the owner's terminal.
 */
import { keyId } from '../config/hashed-key.ts';
import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { RequestTrace, TracedChoice } from '../gateway/trace/request-trace.ts';
import { isLoopback } from '../ground/loopback.ts';
import type { LimitName } from '../limits/ledger.ts';
import type { LimitedKey, Limiter } from '../limits/limiter.ts';
import { mayUseModel } from '../limits/permission.ts';
import type { GatewayStanding } from './auth-dir-lock.ts';
import { mayUse } from './gate.ts';
import { type ManagementKey, managementKey } from './management-key.ts';
import { type ListedQuotas, listedQuotas } from './quota-list.ts';
import type { Refusals } from './refusals.ts';
import type { UsageAnswers } from './usage/usage-answers.ts';

const managementPath = '/v0/management/';

/** Whether a request is for the management, by its path alone: a query may hold any text. */
export function isManagement(url: string): boolean {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2);
  return start >= 0 && url.startsWith(managementPath, start);
}

/** A rest as it is listed; times are ISO 8601. */
export interface ListedRest {
  /** The credential's id. */
  credential: string;
  label: string;
  provider: string | undefined;
  kind: string;
  /** Null where the whole account rests. */
  model: string | null;
  failures: number;
  since: string;
  until: string;
  /** What the provider says, where that is later. */
  promised: string | null;
  reason: string;
}

/** What a client key may use of the candidates. */
export interface KeyChoice {
  name: string;
  mayUseModel: boolean;
  /** Candidates that it may use, and how many of those are ready. */
  candidates: number;
  ready: number;
  limits: KeyLimit[];
}

/** How much of a limit of a client key is gone; `resets` is ISO 8601, null where nothing is gone or running requests decide. */
export interface KeyLimit {
  limit: LimitName;
  most: number;
  used: number;
  left: number;
  resets: string | null;
}

export type ManagementAnswer =
  | { gateway: GatewayStanding }
  | { requests: RequestTrace[] }
  | { request: RequestTrace }
  | { model: string; choice: TracedChoice; key: KeyChoice | null }
  | { cooldowns: ListedRest[] }
  | ListedQuotas
  | { reset: number; credentials: string[] }
  | { refusals: ReturnType<Refusals['counts']> }
  | { error: string; code: string };

export interface Management {
  /** Answers a request whose path begins with {@link managementPath} and whose sender may ask. */
  handle(request: Request): Promise<Response>;
  /** Answers a request over HTTP: the key must be right, and the sender on this computer unless the configuration allows others. */
  handleRemote(request: Request, address: string | undefined): Promise<Response>;
  /** Whether this is a key that may be used from this address. A wrong one is not counted here. */
  admits(given: string, address: string | undefined): Promise<boolean>;
  configure(config: ManagementConfig): void;
}

/** Keys beside that of the configuration, as the peer has them. */
export interface ManagementKeys {
  /** `MANAGEMENT_PASSWORD`: also lets other computers in. */
  everywhere?: string | undefined;
  /** `--password`: for this computer only. */
  here?: string | undefined;
}

export type ManagementConfig = Pick<Config, 'remote-management' | 'api-keys'>;

/** Requests that a list has without `count`. */
const usualCount = 20;

export function createManagement(
  gateway: Pick<Gateway, 'trace' | 'traces' | 'standing' | 'pool' | 'credentials' | 'catalog'>,
  limiter: Pick<Limiter, 'standing'>,
  refusals: Refusals,
  now: () => number,
  keys: ManagementKeys = {},
  /** Of this gateway itself: where it serves, whether it is about to stop. */
  own: () => GatewayStanding = () => ({ url: '', stopsWithin: null }),
  /** What was used, where that is kept. */
  usage?: UsageAnswers,
): Management {
  const everywhere = keys.everywhere === undefined ? undefined : managementKey(keys.everywhere);
  const here = keys.here === undefined ? undefined : managementKey(keys.here);
  let settings: Config['remote-management'] = { 'allow-remote': false };
  let secret: ManagementKey | undefined;
  let clientKeys: Config['api-keys'] = [];

  async function handle(request: Request): Promise<Response> {
    const { pathname: address, searchParams } = new URL(request.url);
    const pathname = address.replace(/\/$/, '');
    const [what = '', id, ...further] = pathname.slice(managementPath.length).split('/', 3).map(decoded);
    const model = searchParams.get('model');
    if (what === 'usage' && id !== undefined && usage !== undefined)
      return usage.handle(request.method, [id, ...further], searchParams);
    switch (`${request.method} ${what}`) {
      case 'GET gateway':
        return answer({ gateway: own() });
      case 'GET requests':
        return id === undefined
          ? answer({
              requests: gateway.traces(Number(searchParams.get('count') ?? usualCount) || usualCount),
            })
          : oneRequest(id);
      case 'GET routing':
        return routing(model, searchParams.get('key'));
      case 'GET cooldowns':
        return answer({ cooldowns: cooldowns() });
      case 'GET quotas':
        return answer(listedQuotas(gateway, now(), searchParams.get('history') === 'true'));
      case 'GET refusals':
        return answer({ refusals: refusals.counts() });
      case 'DELETE cooldowns':
        return id === undefined ? missing('the credential') : reset(id, model ?? undefined);
      default:
        return refuse(404, 'unknown_url', `There is no ${request.method} ${pathname} here.`);
    }
  }

  async function oneRequest(id: string): Promise<Response> {
    const found = gateway.trace(id) ?? (await usage?.trace(id));
    return found === undefined
      ? refuse(
          404,
          'request_not_found',
          `No request "${id}" is remembered: only the latest are, and those that usage keeps (usage.keep-requests).`,
        )
      : answer({ request: found });
  }

  function routing(model: string | null, name: string | null): Response {
    if (model === null) return missing('model');
    const choice = gateway.standing(model);
    if (choice === undefined)
      return refuse(404, 'model_not_found', `No credential serves the model "${model}".`);
    if (name === null) return answer({ model, choice, key: null });
    const found = clientKeys.find((entry) => entry.name === name || entry.key === name);
    if (found === undefined) return refuse(404, 'key_not_found', 'No client key has this name.');
    return answer({ model, choice, key: keyChoice(found, model) });
  }

  function keyChoice({ key, name, limits = {} }: Config['api-keys'][number], model: string): KeyChoice {
    const limited: LimitedKey = { id: keyId(key), name, limits };
    const route = gateway.catalog().route(model);
    const survey = route && gateway.pool.survey(route, 0, now(), (candidate) => mayUse(limited, candidate));
    return {
      name: name ?? 'client',
      mayUseModel: mayUseModel(limits, model),
      candidates: survey?.candidates ?? 0,
      ready: survey?.ready ?? 0,
      limits: limiter.standing(limited).map(({ limit, most, used, resetsAt }) => ({
        limit,
        most,
        used,
        left: Math.max(0, most - used),
        resets: resetsAt === undefined ? null : iso(resetsAt),
      })),
    };
  }

  function cooldowns(): ListedRest[] {
    const known = new Map(gateway.credentials().map((credential) => [credential.id, credential]));
    return gateway.pool.rests(now()).map(({ credential: id, rest }) => ({
      credential: id,
      label: known.get(id)?.label ?? id,
      provider: known.get(id)?.provider.name,
      kind: rest.kind,
      model: rest.model ?? null,
      failures: rest.failures,
      since: iso(rest.since),
      until: iso(rest.until),
      promised: rest.promised === undefined ? null : iso(rest.promised),
      reason: rest.reason,
    }));
  }

  /** `wanted`: an id, a label, or an account that several credentials belong to. */
  function reset(wanted: string, model: string | undefined): Response {
    const meant = gateway
      .credentials()
      .filter(({ id, label, account }) => wanted === '*' || [id, label, account].includes(wanted));
    if (meant.length === 0 && wanted !== '*')
      return refuse(404, 'credential_not_found', `There is no credential "${wanted}".`);
    const ended = meant.map(({ id }) => gateway.pool.reset(id, model, now()));
    const credentials = meant.filter((_, index) => ended[index] !== 0).map(({ label }) => label);
    return answer({ reset: ended.reduce((sum, count) => sum + count, 0), credentials });
  }

  /** `local`: whether the sender is on this computer. */
  async function opens(given: string, local: boolean): Promise<boolean> {
    for (const key of [secret, everywhere, local ? here : undefined])
      if (key !== undefined && (await key.opens(given))) return true;
    return false;
  }

  return {
    handle,
    async handleRemote(request, address) {
      // Without a key there is no management over HTTP, and nothing tells that there could be.
      const local = isLocal(address);
      if (secret === undefined && everywhere === undefined && (here === undefined || !local))
        return refuse(404, 'unknown_url', 'There is nothing here.');
      if (!settings['allow-remote'] && everywhere === undefined && !local)
        return refuse(
          403,
          'not_local',
          'Management is for this computer only (remote-management.allow-remote).',
        );
      const given =
        request.headers.get('x-management-key') ??
        /^bearer\s+(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
      if (given === undefined || !(await opens(given.trim(), local))) {
        const { pathname: path } = new URL(request.url);
        if (given !== undefined)
          await refusals.refused({ kind: 'wrong-management-key', address, method: request.method, path });
        return refuse(401, 'wrong_key', 'The management key is missing or wrong.');
      }
      return handle(request);
    },
    async admits(given, address) {
      const local = isLocal(address);
      if (!settings['allow-remote'] && everywhere === undefined && !local) return false;
      return opens(given, local);
    },
    configure(next) {
      const before = settings['secret-key'];
      settings = next['remote-management'];
      const key = settings['secret-key'];
      if (key !== before) secret = key === undefined ? undefined : managementKey(key);
      clientKeys = next['api-keys'];
    },
  };
}

function isLocal(address: string | undefined): boolean {
  return address !== undefined && isLoopback(address);
}

/** A piece of an address; one that is escaped wrongly stays as it is. */
function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

function iso(time: number): string {
  return new Date(Math.min(time, 8.64e15)).toISOString();
}

function answer(body: ManagementAnswer, status = 200): Response {
  return Response.json(body, { status });
}

function missing(what: string): Response {
  return refuse(400, 'missing_parameter', `Say ${what}.`);
}

function refuse(status: number, code: string, message: string): Response {
  return answer({ error: message, code }, status);
}
