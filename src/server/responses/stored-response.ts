/** An answer that is kept: what it holds, the ids in it, and whether it takes long to write. */
import { workedAtOnce } from '../../gateway/yield-for.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { madeIds } from '../owned-ids.ts';
import type { InputItems } from './input-items.ts';
import { state } from './protocol.ts';

/** One answer, with what was asked for it. */
export interface StoredResponse {
  id: string;
  /** The client that owns it; no other one sees it. */
  client: string;
  /** The answer that it goes on from. */
  previous: string | undefined;
  /** The provider may have kept it too, under the same id. */
  native: boolean;
  /** What this request added. */
  input: InputItems;
  /** The response object as the client got it. */
  response: JsonObject;
  /** About how many characters both are, where that is known. */
  lengths?: Lengths;
}

/** Characters of the input and of the answer. */
export interface Lengths {
  input: number;
  response: number;
}

/** One that is asked for. */
export interface FoundResponse extends Pick<StoredResponse, 'id' | 'native' | 'input'> {
  /** The response object as JSON; a long one is written in turns. */
  json(): Promise<string>;
}

/** What was kept; 'too-long' where it is more than may be read for one request. */
export type Kept<Value> = Value | 'too-long';

/** Whether it takes long to write out. */
export function isLong({ lengths }: StoredResponse): boolean {
  return lengths !== undefined && lengths.input + lengths.response > workedAtOnce;
}

/** The ids by which a provider may be asked for what an answer holds. */
export function idsOf({
  id,
  previous,
  response,
}: Pick<StoredResponse, 'id' | 'previous' | 'response'>): string[] {
  const made = madeIds({ items: state.itemsOf(response) });
  // An answer that goes on from the provider's own conversation has that in the place of an earlier answer.
  return [id, previous, ...state.idsIn(response), ...made].filter((owned) => owned !== undefined);
}

/** Clients do not see each other's answers, not even where upstreams give the same ids to both. */
export function keyOf(id: string, client: string): string {
  return `${client}\n${id}`;
}
