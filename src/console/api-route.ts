/** An address of the console's own API: who may ask, and what answers. */
import type { Caller } from '../management/route.ts';
import type { Session } from './sessions.ts';

export interface ApiCall {
  request: Request;
  search: URLSearchParams;
  /** The rest of the address after the route's path, as sent. */
  rest: string;
  session: Session;
  caller: Caller;
  /** Lets the connection be silent: for streams. */
  lift: () => void;
}

export interface ApiRoute {
  method: string;
  /** The rest of the address after its path; undefined for an address that it does not answer. */
  tailOf(asked: string): string | undefined;
  role: 'owner' | 'anyone';
  run(call: ApiCall): Response | Promise<Response>;
}

/** `path` as it is, or with `/*` at its end for all that begins so. Nothing is decoded. */
export function apiRoute(
  method: string,
  path: string,
  role: ApiRoute['role'],
  run: ApiRoute['run'],
): ApiRoute {
  const folder = path.endsWith('/*') ? path.slice(0, -1) : undefined;
  return {
    method,
    role,
    run,
    tailOf(asked) {
      if (folder === undefined) return asked === path ? '' : undefined;
      return asked.startsWith(folder) ? asked.slice(folder.length) : undefined;
    },
  };
}
