/** Recorded traffic to grow inputs from: not the largest, for thousands of them are made. */
import type { Json, JsonObject } from '../../../src/protocols/json.ts';
import { isObject } from '../../../src/protocols/json.ts';
import type { Protocol } from '../../../src/protocols/model.ts';
import { readSse } from '../../codec-runs.ts';
import { exchanges } from '../../corpus.ts';

export interface Recorded {
  requests: JsonObject[];
  answers: JsonObject[];
  /** The data of each stream's events. */
  streams: Json[][];
}

const largest = 16_000;
const mostOfKind = 150;

/** The recordings of a protocol. */
export function recorded(protocol: Protocol): Recorded {
  const kept = known.get(protocol) ?? read(protocol);
  known.set(protocol, kept);
  return kept;
}

const known = new Map<Protocol, Recorded>();

function read(protocol: Protocol): Recorded {
  const found: Recorded = { requests: [], answers: [], streams: [] };
  const keep = <T>(list: T[], value: T | undefined): void => {
    if (value !== undefined && list.length < mostOfKind) list.push(value);
  };
  for (const { request, response } of exchanges(protocol)) {
    keep(found.requests, small(request?.body));
    keep(found.answers, response?.sse === undefined ? small(response?.body) : undefined);
    if (response?.sse !== undefined && response.sse.length <= largest)
      keep(
        found.streams,
        readSse(response.sse).flatMap(({ data }) => (data.startsWith('{') ? [JSON.parse(data)] : [])),
      );
  }
  return found;
}

function small(body: Json | undefined): JsonObject | undefined {
  return isObject(body) && JSON.stringify(body).length <= largest ? body : undefined;
}
