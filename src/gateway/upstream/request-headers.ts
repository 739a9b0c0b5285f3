/** The headers and the query of a request to an upstream: the provider's own, the owner's, and those of the client that may go on. */
import type { Candidate } from '../../credentials/catalog.ts';
import type { ClientRequest } from '../answer.ts';
import { wantsArray } from '../stream/stream-form.ts';

/** How the headers of an upstream request come about. */
interface HeaderTarget {
  sameProtocol: boolean;
  stream: boolean;
  userAgent: string;
}

/** The headers but for those that prove who is asking: they go on with the token, when the call is made. */
export function upstreamHeaders(
  request: ClientRequest,
  candidate: Candidate,
  { sameProtocol, stream, userAgent }: HeaderTarget,
): Record<string, string> {
  const { credential } = candidate;
  const { provider } = credential;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: stream ? 'text/event-stream' : 'application/json',
    // Compressed streams arrive late and cost time to unpack; between a gateway and a provider they gain little.
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    ...provider.headers,
  };
  if (sameProtocol) {
    for (const name of provider.forwards) {
      const value = request.headers.get(name);
      if (value === null) continue;
      const own = provider.joinedHeaders?.includes(name) ? headers[name] : undefined;
      headers[name] = own === undefined ? value : joinLists(own, value);
    }
  }
  for (const name in credential.headers) {
    const value = credential.headers[name];
    if (value === undefined) continue;
    // The peer's convention: `$Name` copies the client's header of that name.
    const copied = value.startsWith('$') ? request.headers.get(value.slice(1)) : value;
    if (copied !== null) headers[name.toLowerCase()] = copied;
  }
  return headers;
}

/** Two lists of a header (RFC 9110 §5.6.1) as one, each member once. */
function joinLists(first: string, second: string): string {
  const members = `${first},${second}`.split(',').map((member) => member.trim());
  return [...new Set(members.filter((member) => member !== ''))].join(',');
}

/** The client's query; where its stream is to be an array, which is made here, the wish for one goes no further. */
export function forwardedQuery(request: ClientRequest): string {
  if (!request.stream || !wantsArray(request) || !request.query.includes('alt=')) return request.query;
  const query = new URLSearchParams(request.query);
  query.delete('$alt');
  query.delete('alt');
  return query.toString();
}

/** The client's query on top of the provider's own; the provider's words win. */
export function withQuery(path: string, query: string): string {
  if (query === '') return path;
  const at = path.indexOf('?');
  if (at < 0) return `${path}?${query}`;
  const own = new URLSearchParams(path.slice(at + 1));
  const merged = new URLSearchParams(query);
  for (const [name, value] of own) merged.set(name, value);
  return `${path.slice(0, at)}?${merged}`;
}
