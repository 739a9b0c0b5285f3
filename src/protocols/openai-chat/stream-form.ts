/** What the bytes of this protocol's streams look like. */

import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asObject, asObjects } from '../json-members.ts';
import { endKindBy, type StreamForm } from '../stream-form.ts';

/** Longer ones have content, or are not worth checking. */
const longestAnnouncement = 2048;
/** Most chunks with content, recognised without parsing: quotes within texts are escaped. */
const saying = /"(?:content|reasoning_content|reasoning|refusal|arguments)"\s*:\s*"[^"]/;

/** The usual first chunk, seen in a third of the time. */
const emptyDelta =
  /"delta"\s*:\s*\{\s*(?:(?:"role"\s*:\s*"assistant"|"\w+"\s*:\s*(?:""|null|\[\s*\]))\s*(?:,\s*)?)*\}/;

/** Whether a chunk has nothing of an answer: no choice, as Azure's about its filter of the prompt, or choices with only a role. */
function saysNothing(data: string): boolean {
  const chunk = parseJson(data);
  return isObject(chunk) && !asObjects(chunk.choices).some(saysSomething);
}

function saysSomething({ delta, message, text, finish_reason, error }: JsonObject): boolean {
  // The older completions have their text beside the choice's other fields.
  if (finish_reason || error || text) return true;
  const said = asObject(delta ?? message);
  for (const key in said) {
    const value = said[key];
    const empty = value === '' || value === null || (Array.isArray(value) && value.length === 0);
    if (key !== 'role' && !empty) return true;
  }
  return false;
}

const finishes = /"finish_reason"\s*:\s*["\d]/;
/** A chunk may hold an error beside its other fields. */
const errorData = /"error"\s*:\s*\{|^\{\s*"error"\s*:\s*"/;

/** Servers send the role before the model's first word: failures come after it. For chunks without a finish reason. */
function announces(data: string): boolean {
  if (data.length > longestAnnouncement || saying.test(data)) return false;
  return emptyDelta.test(data) || saysNothing(data);
}

export const streamForm: StreamForm = {
  // A comment: WHATWG HTML §9.2.6.
  keepAlive: ': keep-alive\n\n',
  firstEvent(_event, data) {
    if (errorData.test(data)) return 'error';
    if (finishes.test(data)) return 'finish';
    return announces(data) ? 'announcement' : 'content';
  },
  endKind: endKindBy({
    complete: /^data:\s*\[DONE\]|"finish_reason"\s*:\s*"(?!error")/m,
    failed: /"error"\s*:\s*\{|^event:\s*error\s*$|^data:\s*\{\s*"error"\s*:\s*"/m,
  }),
  answerMember: 'choices',
};
