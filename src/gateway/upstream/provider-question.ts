/** What the gateway asks a provider for itself, with a credential of the owner's: lists of models, what is left of a quota. */
import type { Bounds } from '../../config/bounds.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Json } from '../../protocols/json.ts';
import type { Log } from '../../telemetry/log.ts';
import type { UpstreamDeps } from './call.ts';
import { outboundDeps } from './outbound.ts';

export interface ProviderQuestion {
  url: string;
  /** Sent as JSON with a POST; a GET without. */
  body: Json | undefined;
  /** Milliseconds to wait for the answer. */
  patience: number;
}

export interface QuestionDeps extends Pick<UpstreamDeps, 'http' | 'userAgent' | 'proxies'> {
  log: Pick<Log, 'debug' | 'info' | 'warn'>;
  bounds: Pick<Bounds, 'account-answer'>;
  timeouts: { connect: number };
}

/** An answer to a question of the gateway's own. */
export interface QuestionAnswer {
  status: number;
  /** Of one with status 200. */
  text: string | undefined;
  /** When it was made, by the provider's clock. */
  date: string | null;
}

/** Redirects are not followed. Rejects without an answer. */
export async function askProvider(
  { id, provider, baseUrl, proxyUrl, headers }: Credential,
  token: string,
  { url, body, patience }: ProviderQuestion,
  { http, userAgent, proxies, log, bounds, timeouts }: QuestionDeps,
): Promise<QuestionAnswer> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const own = Object.entries(headers).filter(([, value]) => !value.startsWith('$'));
  const { fetch } = outboundDeps({
    ...{ http, userAgent, proxies, log, bounds, proxyUrl, pool: id },
    ...{ connectTime: timeouts.connect, tls: provider.tls },
  });
  const response = await fetch(url, {
    ...(sent === undefined ? {} : { method: 'POST', body: sent }),
    headers: {
      accept: 'application/json',
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      'user-agent': userAgent,
      ...provider.headers,
      ...provider.authenticate(token, baseUrl),
      ...Object.fromEntries(own),
    },
    redirect: 'manual',
    signal: AbortSignal.timeout(patience),
  });
  const { status } = response;
  const date = response.headers.get('date');
  if (status === 200) return { status, text: await response.text(), date };
  await response.body?.cancel();
  return { status, text: undefined, date };
}
