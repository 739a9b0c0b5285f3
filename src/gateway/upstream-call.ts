/** One HTTP call to an upstream. */
import type { Credential } from '../credentials/credential.ts';
import { codecs } from '../protocols/registry.ts';
import { type AttemptFailure, brokenUpstream, failureFromResponse } from './failure.ts';
import type { Proxies } from './proxy.ts';

/** The outside world of an attempt, given once. */
export interface Surroundings {
  fetch: (url: string, init: BunFetchRequestInit) => Promise<Response>;
  userAgent: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  newId: (prefix: string) => string;
  proxies: Pick<Proxies, 'proxyFor'>;
}

export interface UpstreamCall {
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | string;
}

export type CallResult = { ok: true; response: Response } | { ok: false; failure: AttemptFailure };

/** Makes the call. Redirects, error statuses and connections that fail are failures; `signal` ends the call at any time. */
export async function callUpstream(
  call: UpstreamCall,
  credential: Credential,
  signal: AbortSignal,
  world: Surroundings,
): Promise<CallResult> {
  const proxy = world.proxies.proxyFor(call.url, credential.proxyUrl);
  let response: Response;
  try {
    response = await world.fetch(call.url, {
      method: 'POST',
      headers: call.headers,
      body: call.body,
      signal,
      redirect: 'manual',
      // Bun gives up after five minutes by default; long thinking takes longer.
      timeout: false,
      proxy: typeof proxy === 'object' ? await proxy : proxy,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not reach ${new URL(call.url).host}: ${reason}`;
    return { ok: false, failure: brokenUpstream(message, error) };
  }
  if (response.status < 300) return { ok: true, response };
  const codec = codecs[credential.provider.protocol];
  return { ok: false, failure: await failureFromResponse(codec, response, world.now()) };
}
