/** An address of the console's own API: who may ask, and what answers. */
import type { Caller } from '../management/route.ts';
import type { Session } from './sessions.ts';

export interface ApiCall {
  request: Request;
  search: URLSearchParams;
  parameters: Readonly<Record<string, string>>;
  session: Session;
  caller: Caller;
  /** Lets the connection be silent: for streams. */
  lift: () => void;
}

export interface ApiRoute {
  method: string;
  /** The pieces of a path that it answers, by name; undefined for another. */
  matches(path: string): Readonly<Record<string, string>> | undefined;
  role: 'owner' | 'anyone';
  run(call: ApiCall): Response | Promise<Response>;
}

/** `pattern`: pieces with `:name` are any text, `*name` the rest. */
export function apiRoute(
  method: string,
  pattern: string,
  role: ApiRoute['role'],
  run: ApiRoute['run'],
): ApiRoute {
  const wanted = pattern.split('/');
  return {
    method,
    role,
    run,
    matches(path) {
      const given = path.split('/');
      const found: Record<string, string> = {};
      for (const [at, piece] of wanted.entries()) {
        const text = given[at];
        if (piece.startsWith('*')) {
          found[piece.slice(1)] = given.slice(at).join('/');
          return found;
        }
        if (text === undefined) return undefined;
        if (piece.startsWith(':')) found[piece.slice(1)] = text;
        else if (piece !== text) return undefined;
      }
      return given.length === wanted.length ? found : undefined;
    },
  };
}
