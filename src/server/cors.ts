/**
 * Cross-origin requests of browsers, for the origins that the owner lists (`cors.origins`). Other origins get what they would
 * without it: no permission, so that a browser keeps the answer from the page. Source: fetch.spec.whatwg.org, CORS protocol.
 */
import type { Config } from '../config/schema.ts';

export interface Cors {
  /** The answer to a preflight of a listed origin; undefined for any other request. */
  preflight(request: Request): Response | undefined;
  /** The answer with what lets the page read it. */
  allow(request: Request, response: Response): Response;
}

/** Undefined where no origin is listed: nothing is looked at then. */
export function corsOf({ cors }: Pick<Config, 'cors'>): Cors | undefined {
  const { origins } = cors;
  if (origins.length === 0) return undefined;
  const listed = new Set(origins);
  const allowed = (request: Request): string | undefined => {
    const origin = request.headers.get('origin');
    if (origin === null) return undefined;
    return listed.has('*') || listed.has(origin.toLowerCase()) ? origin : undefined;
  };
  return {
    preflight(request) {
      if (request.method !== 'OPTIONS') return undefined;
      if (!request.headers.has('access-control-request-method')) return undefined;
      const origin = allowed(request);
      if (origin === undefined) return undefined;
      // The names that are asked for: `*` does not cover Authorization.
      const asked = request.headers.get('access-control-request-headers') ?? '';
      return new Response(null, {
        status: 204,
        headers: {
          ...permission(origin),
          'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
          'access-control-allow-headers': headerNames.test(asked) && asked !== '' ? asked : usualHeaders,
          'access-control-max-age': '600',
          ...(request.headers.get('access-control-request-private-network') === 'true'
            ? { 'access-control-allow-private-network': 'true' }
            : {}),
        },
      });
    },
    allow(request, response) {
      const origin = allowed(request);
      if (origin === undefined) {
        response.headers.append('vary', 'origin');
        return response;
      }
      for (const [name, value] of Object.entries(permission(origin))) response.headers.append(name, value);
      response.headers.set('access-control-expose-headers', exposed);
      return response;
    },
  };
}

/** Answers a request by `handle`, with what a listed origin's page may read; preflights need no key. */
export async function withCors(
  cors: Cors,
  request: Request,
  handle: () => Promise<Response | undefined>,
): Promise<Response | undefined> {
  const preflight = cors.preflight(request);
  if (preflight !== undefined) return preflight;
  const response = await handle();
  return response && cors.allow(request, response);
}

/** No credentials mode: keys come in headers, never in cookies. */
function permission(origin: string): Record<string, string> {
  return { 'access-control-allow-origin': origin, vary: 'origin' };
}

const headerNames = /^[\w!#$%&'*+.^`|~, -]{1,2048}$/;

/** What the SDKs of the protocols send. */
const usualHeaders =
  'authorization, content-type, x-api-key, x-goog-api-key, x-goog-api-client, anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access, openai-beta';

const exposed = 'x-request-id, retry-after, x-translation-loss, x-token-count, request-id';
