/** Kept answers as they are read: those that wait to be written, and those in the file. */
import { parsedYielding } from '../../gateway/json-body.ts';
import { workedAtOnce } from '../../gateway/yield-for.ts';
import type { Clock } from '../../ground/clock.ts';
import type { OpenedDatabase } from '../../ground/database-file.ts';
import { runYielding, yieldToEventLoop } from '../../ground/steps.ts';
import { isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import { asObjects, asString } from '../../protocols/json-members.ts';
import { writingJson } from '../../protocols/json-text-in-steps.ts';
import { inputOfJson } from './input-items.ts';
import { state } from './protocol.ts';
import {
  type FoundResponse,
  isLong,
  type Kept,
  keyOf,
  type Lengths,
  type StoredResponse,
} from './stored-response.ts';

export interface ReaderOptions {
  database: OpenedDatabase['database'];
  /** Answers that are not in the file yet, by their keys. */
  waiting: ReadonlyMap<string, StoredResponse>;
  /** Nothing is read of a closed file. */
  isClosed: () => boolean;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** Milliseconds that an answer stays. */
  ttl: () => number;
  /** Characters of kept answers that are read for one request. */
  mostRead: () => number;
  /** What the function gives; undefined where the database refuses. */
  attempt: <Result>(run: () => Result) => Result | undefined;
  /** Called with the answers of a conversation that is gone on from. */
  onUsed: (ids: Iterable<string>, client: string) => void;
}

/** What is found in answers that are kept, each by its id and the client whose it is. */
export interface ResponseReader {
  find(id: string, client: string): FoundResponse | undefined;
  /** What an answer goes on from, and who may have kept it. */
  linkOf(id: string, client: string): Pick<StoredResponse, 'previous' | 'native'> | undefined;
  /** Whether an answer is there with all that it goes on from, or an item. Nothing of them is read. */
  knows(id: string, client: string): boolean;
  /** The conversation up to and including an answer, oldest first; undefined when any of it is gone. Long ones are read in turns. */
  conversation(id: string, client: string): Promise<Kept<JsonObject[]> | undefined>;
  /** The items of answers that have these ids. Each answer is read once, in turns. */
  items(ids: readonly string[], client: string): Promise<Kept<ReadonlyMap<string, JsonObject>>>;
}

interface Row {
  previous: string | null;
  native: number;
  input: string;
  response: string;
}

async function written(response: JsonObject): Promise<string> {
  return JSON.stringify(response);
}

function lengthsOfRow(row: Row | undefined): Lengths {
  return { input: row?.input.length ?? 0, response: row?.response.length ?? 0 };
}

/** Answers in one conversation, at most: a guard, far above any. */
const longestChain = 10_000;

export function responseReader(options: ReaderOptions): ResponseReader {
  const { database, waiting, isClosed, now, ttl, mostRead, attempt, onUsed } = options;
  const selectRow = database.query<Row, [string, string, number]>(
    'SELECT previous, native, input, response FROM responses WHERE id = ? AND client = ? AND used > ?',
  );
  const selectLink = database.query<Pick<Row, 'previous' | 'native'>, [string, string, number]>(
    'SELECT previous, native FROM responses WHERE id = ? AND client = ? AND used > ?',
  );
  const selectItem = database.query<{ response: string }, [string, string]>(
    'SELECT response FROM items WHERE id = ? AND client = ?',
  );
  const lengthsOfFresh = new WeakMap<StoredResponse, Lengths>();

  function linkOf(id: string, client: string): Pick<StoredResponse, 'previous' | 'native'> | undefined {
    const fresh = waiting.get(keyOf(id, client));
    if (fresh !== undefined || isClosed()) return fresh;
    const row = attempt(() => selectLink.get(id, client, now() - ttl()));
    return row ? { previous: row.previous ?? undefined, native: row.native === 1 } : undefined;
  }

  /** The answers up to and with this one, the newest first; undefined when any of them is gone, or they make a ring. */
  function chainOf(id: string, client: string): Set<string> | undefined {
    const chain = new Set<string>();
    for (let next: string | undefined = id; next !== undefined; ) {
      const link = linkOf(next, client);
      // An upstream that gives the same id twice makes a circle.
      if (link === undefined || chain.has(next) || chain.size >= longestChain) return undefined;
      chain.add(next);
      next = link.previous;
    }
    return chain;
  }

  /** Characters of an answer that waits to be written: they are counted once, however often it is gone on from. */
  function lengthsOf(fresh: StoredResponse): Lengths {
    const known = fresh.lengths ?? lengthsOfFresh.get(fresh);
    if (known !== undefined) return known;
    const lengths = {
      input: fresh.input.json().length,
      response: JSON.stringify(fresh.response).length,
    };
    lengthsOfFresh.set(fresh, lengths);
    return lengths;
  }

  /** Counts what is read for one request. */
  function reading() {
    let size = 0;
    let sinceTurn = 0;
    /** The answer and its input; undefined where it is gone. */
    return async (id: string, client: string, withInput: boolean) => {
      const fresh = waiting.get(keyOf(id, client));
      const row =
        fresh === undefined && !isClosed() && attempt(() => selectRow.get(id, client, now() - ttl()));
      const lengths = fresh ? lengthsOf(fresh) : lengthsOfRow(row || undefined);
      const length = lengths.response + (withInput ? lengths.input : 0);
      size += length;
      sinceTurn += length;
      if (size > mostRead()) return 'too-long';
      if (sinceTurn > workedAtOnce) {
        sinceTurn = 0;
        await yieldToEventLoop();
      }
      const takesLong = length > workedAtOnce;
      const parsed = (text: string) => (takesLong ? parsedYielding(text) : parseJson(text));
      const response = row ? await parsed(row.response) : fresh?.response;
      if (!isObject(response)) return undefined;
      const output = state.itemsOf(response);
      if (!withInput) return { output, input: [] };
      return {
        output,
        input: row ? asObjects(await parsed(row.input)) : ((await fresh?.input.items()) ?? []),
      };
    };
  }

  function find(id: string, client: string): FoundResponse | undefined {
    const fresh = waiting.get(keyOf(id, client));
    if (fresh !== undefined) {
      const json = () => (isLong(fresh) ? runYielding(writingJson(fresh.response)) : written(fresh.response));
      return { id, native: fresh.native, input: fresh.input, json };
    }
    const row = isClosed() ? undefined : attempt(() => selectRow.get(id, client, now() - ttl()));
    if (!row) return undefined;
    return { id, native: row.native === 1, input: inputOfJson(row.input), json: async () => row.response };
  }

  return {
    find,
    linkOf,
    knows(id, client) {
      if (linkOf(id, client) !== undefined) return chainOf(id, client) !== undefined;
      for (const { client: whose, response } of waiting.values())
        if (whose === client && state.itemsOf(response).some((item) => item.id === id)) return true;
      const row = isClosed() ? undefined : attempt(() => selectItem.get(id, client));
      return row ? linkOf(row.response, client) !== undefined : false;
    },
    async conversation(id, client) {
      const chain = chainOf(id, client);
      if (chain === undefined) return undefined;
      const read = reading();
      const turns: JsonObject[][] = [];
      for (const one of chain) {
        const turn = await read(one, client, true);
        if (turn === undefined || turn === 'too-long') return turn;
        turns.push([...turn.input, ...turn.output]);
      }
      onUsed(chain, client);
      return turns.reverse().flat();
    },
    async items(ids, client) {
      const wanted = new Set(ids);
      const found = new Map<string, JsonObject>();
      const take = (output: readonly JsonObject[]): void => {
        for (const item of output) {
          const id = asString(item.id);
          if (id !== undefined && wanted.has(id) && !found.has(id)) found.set(id, item);
        }
      };
      for (const { client: whose, response } of waiting.values())
        if (whose === client) take(state.itemsOf(response));
      const read = reading();
      const answers = new Set<string>();
      for (const id of wanted) {
        if (isClosed() || found.has(id)) continue;
        const row = attempt(() => selectItem.get(id, client));
        if (!row || answers.has(row.response)) continue;
        answers.add(row.response);
        const answer = await read(row.response, client, false);
        if (answer === 'too-long') return answer;
        take(answer?.output ?? []);
      }
      return found;
    },
  };
}
