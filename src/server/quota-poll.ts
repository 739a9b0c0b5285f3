/**
 * Asks providers what accounts have left, where the owner wants that (`quota.poll`): only accounts that are in use, one after
 * the other, and none any more whose provider does not like to be asked.
 */
import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import type { Pool } from '../credentials/pool.ts';
import { clockAhead } from '../credentials/quota-headers.ts';
import type { UpstreamDeps } from '../gateway/upstream/call.ts';
import { askProvider } from '../gateway/upstream/provider-question.ts';
import type { Clock } from '../ground/clock.ts';
import { parseJson } from '../protocols/json.ts';
import type { ReportedWindow } from '../providers/quota-report.ts';
import type { Log } from '../telemetry/log.ts';
import type { UsageRecord, UsageSink } from '../usage/record.ts';

export interface QuotaPoll extends UsageSink {
  configure(config: PolledConfig, credentials: readonly Credential[]): void;
  /** Asks about all that are due; resolves when they have answered. */
  look(): Promise<void>;
  close(): void;
}

type PolledConfig = Pick<Config, 'quota' | 'bounds' | 'timeouts'>;

export interface QuotaPollOptions extends Pick<UpstreamDeps, 'http' | 'userAgent' | 'proxies'> {
  pool: () => Pick<Pool, 'reportQuota'>;
  log: Pick<Log, 'debug' | 'info' | 'warn'>;
  clock: Clock;
}

/** Milliseconds between two looks at who is due. */
const lookEvery = 60_000;
/** Milliseconds without a request after which an account is not asked about. */
const inUse = 60 * 60_000;
/** Milliseconds to wait for an answer. */
const patience = 30_000;
/** Windows of one answer that are taken. */
const mostWindows = 256;
/** Answers after which an account is not asked about again, until the next start or another setting. */
const ending = [401, 403, 429];

export function quotaPoll(options: QuotaPollOptions): QuotaPoll {
  const { clock, log, pool } = options;
  let config: PolledConfig | undefined;
  let credentials: readonly Credential[] = [];
  let stop: (() => void) | undefined;
  let looking: Promise<void> | undefined;
  const usedAt = new Map<string, number>();
  const askedAt = new Map<string, number>();
  const ended = new Set<string>();

  const every = (): number => config?.quota.poll ?? 0;

  function isDue({ id, provider, secret }: Credential): boolean {
    if (provider.quotaReport === undefined || typeof secret === 'string' || ended.has(id)) return false;
    const used = usedAt.get(id);
    const asked = askedAt.get(id);
    return (
      used !== undefined &&
      clock.now() - used < inUse &&
      (asked === undefined || clock.now() - asked >= every())
    );
  }

  async function lookAt(credential: Credential): Promise<void> {
    const { id, label, secret } = credential;
    const token = typeof secret === 'string' ? undefined : secret.current();
    // A token that has run out is renewed for requests, not for this.
    if (token === undefined || config === undefined) return;
    askedAt.set(id, clock.now());
    const answer = await ask(credential, token, config, options).catch((error: unknown) => String(error));
    if (typeof answer === 'string') {
      log.debug('the quota of an account could not be polled', { credential: label, reason: answer });
    } else if (answer.status !== 200) {
      log.debug('the quota of an account is not reported', { credential: label, status: answer.status });
      if (!ending.includes(answer.status)) return;
      ended.add(id);
      log.info('quota polling of an account has stopped: its provider rejects it', {
        credential: label,
        status: answer.status,
      });
    } else {
      const reportedAt = clock.now();
      const ahead = clockAhead(answer.date, reportedAt);
      pool().reportQuota(
        { credential, model: '' },
        answer.windows.slice(0, mostWindows).map((window) => ({
          ...window,
          ...(window.model === undefined ? {} : { model: window.model }),
          resetsAt: window.resetsAt === undefined ? undefined : window.resetsAt + ahead,
          ofModel: window.model !== undefined,
          closed: window.left <= 0,
          reportedAt,
        })),
        reportedAt,
      );
    }
  }

  async function lookAtAll(): Promise<void> {
    for (const credential of credentials) if (every() > 0 && isDue(credential)) await lookAt(credential);
  }

  function look(): Promise<void> {
    looking ??= lookAtAll().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  function end(): void {
    stop?.();
    stop = undefined;
  }

  return {
    add({ served, at }: UsageRecord) {
      if (stop !== undefined && served?.billing === 'subscription') usedAt.set(served.credential.id, at);
    },
    configure(next, inForce) {
      if (next.quota.poll !== every()) ended.clear();
      config = next;
      credentials = inForce;
      const present = new Set(inForce.map(({ id }) => id));
      for (const known of [usedAt, askedAt])
        for (const id of known.keys()) if (!present.has(id)) known.delete(id);
      if (every() === 0) end();
      else stop ??= clock.every(lookEvery, () => void look());
    },
    look,
    close: end,
  };
}

async function ask(
  credential: Credential,
  token: string,
  { bounds, timeouts }: PolledConfig,
  { http, userAgent, proxies, log }: QuotaPollOptions,
): Promise<{ status: number; windows: readonly ReportedWindow[]; date: string | null } | string> {
  const { quotaReport } = credential.provider;
  if (quotaReport === undefined) return 'the provider has no such address';
  const question = { url: quotaReport.url(credential.baseUrl), body: quotaReport.body, patience };
  const deps = { http, userAgent, proxies, log, bounds, timeouts };
  const { status, text, date } = await askProvider(credential, token, question, deps);
  if (text === undefined) return { status, windows: [], date };
  const answer = parseJson(text);
  return answer === undefined
    ? 'its answer is no JSON'
    : { status, windows: quotaReport.windows(answer), date };
}
