/**
 * Keeps web pages away from a gateway that asks for no client key. Any page that the owner opens may send requests to this
 * computer: directly (a form, a fetch, a WebSocket), or under a name of its own that it lets point here ("DNS rebinding").
 * Programs send neither a foreign Host nor any Origin.
 */
import { foreignPageOf, nameOfHost } from '../ground/foreign-page.ts';
import { isLoopback } from '../ground/loopback.ts';
import type { Config } from './schema.ts';

export interface BrowserRefusal {
  code: 'host_not_allowed' | 'origin_not_allowed';
  /** A sentence for the sender. */
  message: string;
}

export interface BrowserGuard {
  /** Why a request is refused that carries no client key; undefined for one of this computer's own programs. */
  refusal(headers: Headers): BrowserRefusal | undefined;
}

/** Guards by the owner's lists: `allowed-hosts` are further names of this gateway, `cors.origins` pages that may use it. */
export function browserGuard(config: Pick<Config, 'allowed-hosts' | 'cors'>): BrowserGuard {
  const hosts = new Set(config['allowed-hosts'].map((name) => name.toLowerCase()));
  const origins = new Set(config.cors.origins.map((origin) => origin.toLowerCase()));
  return {
    refusal(headers) {
      // HTTP/1.0 knows no Host; a browser always sends one.
      const host = headers.get('host')?.toLowerCase() ?? '';
      const name = nameOfHost(host);
      if (host !== '' && !isLoopback(name) && !hosts.has(host) && !hosts.has(name))
        return {
          code: 'host_not_allowed',
          message: `The gateway is not known as "${shown(host)}". Without client keys it answers to names of this computer only; list others under allowed-hosts, or set api-keys.`,
        };
      const page = foreignPageOf(headers, origins);
      return page === undefined ? undefined : foreign(page);
    },
  };
}

function foreign(origin: string): BrowserRefusal {
  return {
    code: 'origin_not_allowed',
    message: `Pages of ${shown(origin)} may not use this gateway. List the origin under cors.origins, or set api-keys.`,
  };
}

/** The most of a header that an error contains. */
function shown(text: string): string {
  return text.slice(0, 100);
}
