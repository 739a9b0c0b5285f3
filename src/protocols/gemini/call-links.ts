/** Which function response answers which call: Google links them by id where there is one, else by name and order. */
import { makeCallId } from './call-ids.ts';

export interface CallLinks {
  /** The canonical id of the next call. */
  call(name: string, id: string | undefined): string;
  /** The canonical id and name of the call that the next response answers. Answers of the model have none. */
  result?(name: string, id: string | undefined): { id: string; name: string };
}

interface OpenCall {
  id: string;
  name: string;
  wireId: string | undefined;
}

/** The links of one conversation; calls and responses must be told in their order. */
export function callLinks(): CallLinks {
  const used = new Set<string>();
  const open: OpenCall[] = [];
  let count = 0;

  return {
    call(name, wireId) {
      // Some clients count their ids anew in each turn; the canonical ones are unique in the conversation.
      const id = wireId && !used.has(wireId) ? wireId : makeCallId(wireId || name, count);
      count++;
      used.add(id);
      open.push({ id, name, wireId: wireId || undefined });
      return id;
    },
    result(name, wireId) {
      let at = wireId ? open.findIndex((call) => call.wireId === wireId) : -1;
      if (at < 0 && !(wireId && used.has(wireId))) {
        at = open.findIndex((call) => call.name === name || name.length === 0);
      }
      const [call] = at < 0 ? [] : open.splice(at, 1);
      if (call !== undefined) return { id: call.id, name: name || call.name };
      return { id: wireId || makeCallId(`response ${name}`, count++), name };
    },
  };
}

/** The links of one answer: its calls only. `scope` tells it from the other answers of the conversation. */
export function answerLinks(scope: string): CallLinks {
  let count = 0;
  return {
    call(name, wireId) {
      const position = count++;
      return wireId || makeCallId(`${scope} ${name}`, position);
    },
  };
}
