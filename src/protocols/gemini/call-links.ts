/** Which function response answers which call: Google links them by id where there is one, else by name and order. */
import { shortHash } from '../tool-names.ts';

const made = /^gcall_[a-z0-9]+_\d+$/;

/** A stable id for the `position`-th call of the conversation (or answer) that `scope` names. */
function makeCallId(scope: string, position: number): string {
  return `gcall_${shortHash(`${scope} ${position}`)}_${position}`;
}

/** The id to write: none where {@link makeCallId} made it, since Google then links by name and order. */
export function wireId(id: string): { id?: string } {
  return id.length === 0 || made.test(id) ? {} : { id };
}

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

/** The links of one conversation; calls and responses must come in their order. */
export function callLinks(): CallLinks {
  const used = new Set<string>();
  /** Those without a response, in their order. */
  const open = new Set<OpenCall>();
  const byWireId = new Map<string, Set<OpenCall>>();
  const byName = new Map<string, Set<OpenCall>>();
  let count = 0;

  function add(calls: Map<string, Set<OpenCall>>, key: string, call: OpenCall): void {
    const known = calls.get(key);
    if (known === undefined) calls.set(key, new Set([call]));
    else known.add(call);
  }

  function close(call: OpenCall): void {
    open.delete(call);
    byName.get(call.name)?.delete(call);
    if (call.wireId !== undefined) byWireId.get(call.wireId)?.delete(call);
  }

  return {
    call(name, wireId) {
      // Some clients count their ids anew in each turn; the canonical ones are unique in the conversation.
      const id = wireId && !used.has(wireId) ? wireId : makeCallId(wireId || name, count);
      count++;
      used.add(id);
      const made: OpenCall = { id, name, wireId: wireId || undefined };
      open.add(made);
      add(byName, name, made);
      if (wireId) add(byWireId, wireId, made);
      return id;
    },
    result(name, wireId) {
      let call = wireId ? firstOf(byWireId.get(wireId)) : undefined;
      if (call === undefined && !(wireId && used.has(wireId)))
        call = firstOf(name.length === 0 ? open : byName.get(name));
      if (call !== undefined) {
        close(call);
        return { id: call.id, name: name || call.name };
      }
      return { id: wireId || makeCallId(`response ${name}`, count++), name };
    },
  };
}

function firstOf<T>(all: ReadonlySet<T> | undefined): T | undefined {
  return all?.values().next().value;
}

/** The links of one answer: its calls only. `scope` distinguishes it from the other answers of the conversation. */
export function answerLinks(scope: string): CallLinks {
  let count = 0;
  return {
    call(name, wireId) {
      const position = count++;
      return wireId || makeCallId(`${scope} ${name}`, position);
    },
  };
}
