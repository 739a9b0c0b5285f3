/** Thoughts that the client did not ask to see: Google shows none, and clients of it read the first part as the answer. */

import type { Part, ReasoningPart, Signature } from '../model.ts';
import type { Request } from '../request.ts';
import { carriedSignature } from '../signature-envelope.ts';

/** Whether the client wants to see thoughts: `includeThoughts` is false by default. */
export function wantsThoughts({ reasoning }: Request): boolean {
  return reasoning?.show !== undefined && reasoning.show !== 'none';
}

/**
 * The parts without thoughts: what must come back of each travels on the call behind it, if that has no signature. Without a
 * call it is not needed: no provider asks for the thinking of a turn that is over. Claude's own words stay, as nothing else
 * could bring them back.
 */
export function withoutThoughts(parts: readonly Part[]): Part[] {
  let carried: Signature | undefined;
  return parts.flatMap((part): Part[] => {
    if (part.type === 'reasoning') {
      if (staysShown(part)) return [part];
      carried = carriedSignature(part) ?? carried;
      return [];
    }
    if (part.type !== 'tool-call' || carried === undefined) return [part];
    const signature = part.signature ?? carried;
    carried = undefined;
    return [{ ...part, signature }];
  });
}

/** Whether the thought is written even for clients that did not ask: it comes back as it was, or not at all. */
export function staysShown({ redacted, signature, text }: ReasoningPart): boolean {
  return redacted === true || (signature?.family === 'anthropic' && text !== '');
}
