/**
 * `phase` of the assistant's messages (`commentary`, `final_answer`): newer models want it back with every one of their
 * messages (resources/responses/responses.d.ts, `ResponseOutputMessage.phase`). Through clients of other protocols it
 * travels as a signature of the text does.
 */

import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import type { Part, Signature, TextPart } from '../model.ts';

const mark = 'phase:';

/** The signature on the text for the phase of a message item; undefined without one. */
export function phaseSignature(item: JsonObject): Signature | undefined {
  const phase = asString(item.phase);
  return phase ? { family: 'openai', value: mark + phase } : undefined;
}

/** The phase of a signature; undefined for signatures of reasoning. */
function phaseIn(signature: Signature | undefined): string | undefined {
  return signature?.family === 'openai' && signature.value.startsWith(mark)
    ? signature.value.slice(mark.length)
    : undefined;
}

/** The text without its phase, for clients of this protocol: their items have it themselves. */
export function withoutPhase(part: TextPart): TextPart {
  if (phaseIn(part.signature) === undefined) return part;
  const { signature: _, ...plain } = part;
  return plain;
}

/**
 * The parts of a turn from elsewhere, each text with its phase. Where a client has no field for the signature of a text, it
 * came back by itself: before the text, or behind it (`behind`, as Gemini's streams have it).
 */
export function withPhases(parts: readonly Part[], behind: boolean): readonly Part[] {
  if (!parts.some(isAlone)) return parts;
  const phased: Part[] = [];
  let next: Signature | undefined;
  for (const part of parts) {
    if (isAlone(part)) {
      const at = behind ? phased.findLastIndex(({ type }) => type === 'text') : -1;
      const text = phased[at];
      if (text?.type === 'text') phased[at] = { ...text, signature: part.signature };
      else next = part.signature;
    } else if (part.type === 'text' && next !== undefined) {
      phased.push({ ...part, signature: next });
      next = undefined;
    } else phased.push(part);
  }
  return phased;
}

function isAlone(part: Part): part is Part & { signature: Signature } {
  return (
    (part.type === 'reasoning' || part.type === 'text') &&
    part.text === '' &&
    phaseIn(part.signature) !== undefined
  );
}

/** The phase of a part of a turn from elsewhere. */
export function phaseOf(part: Part): string | undefined {
  return part.type === 'text' ? phaseIn(part.signature) : undefined;
}
