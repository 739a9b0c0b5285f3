/** From a method and a path to the route that answers it. */
import { unescaped } from '../ground/url-path.ts';
import { bases } from './address.ts';
import type { Api, Route } from './route.ts';

export interface Match {
  route: Route;
  api: Api;
  parameters: ReadonlyMap<string, string>;
}

/** Undefined for an address, or a method of it, that there is not. */
export type Router = (method: string, path: string) => Match | undefined;

interface Pattern {
  route: Route;
  api: Api;
  pieces: readonly string[];
}

/** Pieces of a path that are looked at. */
const mostPieces = 32;

/** Patterns without parameters win over those with them, whatever their order. */
export function createRouter(routes: readonly Route[]): Router {
  const fixed = new Map<string, Match>();
  const open: Pattern[] = [];
  for (const route of routes)
    for (const api of ['v0', 'v8', 'root'] as const) {
      const pattern = route[api];
      if (pattern === undefined) continue;
      const path = api === 'root' ? pattern : `${bases[api]}${pattern}`;
      if (/[:*]/.test(pattern)) open.push({ route, api, pieces: path.split('/') });
      else fixed.set(`${route.method} ${path}`, { route, api, parameters: none });
    }
  return (method, given) => {
    const path = given.length > 1 && given.endsWith('/') ? given.slice(0, -1) : given;
    const exact = fixed.get(`${method} ${path}`);
    if (exact !== undefined) return exact;
    const pieces = path.split('/', mostPieces + 1);
    if (pieces.length > mostPieces) return undefined;
    for (const { route, api, pieces: wanted } of open) {
      if (route.method !== method) continue;
      const parameters = parametersOf(wanted, pieces);
      if (parameters !== undefined) return { route, api, parameters };
    }
    return undefined;
  };
}

const none: ReadonlyMap<string, string> = new Map();

function parametersOf(
  wanted: readonly string[],
  pieces: readonly string[],
): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (const [place, piece] of wanted.entries()) {
    if (piece.startsWith('*')) {
      if (pieces.length <= place) return undefined;
      found.set(piece.slice(1), pieces.slice(place).map(unescaped).join('/'));
      return found;
    }
    const given = pieces[place];
    if (given === undefined) return undefined;
    if (piece.startsWith(':')) {
      if (given === '') return undefined;
      found.set(piece.slice(1), unescaped(given));
    } else if (piece !== given) return undefined;
  }
  return wanted.length === pieces.length ? found : undefined;
}
