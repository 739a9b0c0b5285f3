/** Thoughts that the client did not ask to see: Google shows none, and clients of it read the first part as the answer. */
import type { Part, ReasoningPart, Request, Signature } from '../model.ts';

/** Whether the client wants to see thoughts: `includeThoughts` is false by default. */
export function wantsThoughts({ reasoning }: Request): boolean {
  return reasoning?.show !== undefined && reasoning.show !== 'none';
}

/** Whether the part is nothing but a signature that has no place of its own. */
export function isBareSignature(part: Part): part is ReasoningPart & { signature: Signature } {
  return part.type === 'reasoning' && part.text === '' && part.signature !== undefined && !part.redacted;
}

/**
 * The parts without bare signatures: each travels on the call behind it, if that has none. Without a call they are not
 * needed: no provider asks for the thinking of a turn that is over.
 */
export function withoutBareSignatures(parts: readonly Part[]): Part[] {
  let carried: Signature | undefined;
  return parts.flatMap((part): Part[] => {
    if (isBareSignature(part)) {
      carried = part.signature;
      return [];
    }
    if (part.type !== 'tool-call' || carried === undefined) return [part];
    const signature = part.signature ?? carried;
    carried = undefined;
    return [{ ...part, signature }];
  });
}
