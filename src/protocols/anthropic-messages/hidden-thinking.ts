/**
 * Thinking of other providers for clients that did not ask for any: they read `content[0].text`, so that they get no thinking
 * block, not even an empty one that carries a signature. Where a call follows, the signature travels in the call's id.
 */

import type { LossReport } from '../codec.ts';
import { asObject } from '../json-members.ts';
import type { Part, ReasoningPart, Signature, ToolCallPart } from '../model.ts';
import type { Request } from '../request.ts';
import { carriedSignature, wrapId } from '../signature-envelope.ts';
import { ownForm } from './kept-fields.ts';

/** Whether the client asked for thinking: by `thinking`, or by the suffix of the model's name. An effort alone asks for none. */
export function wantsThinking(request: Request): boolean {
  const amount = request.reasoning?.amount;
  if (amount === undefined) return request.reasoning?.show !== undefined;
  if (amount.kind === 'off') return false;
  const said = ownForm(request.extra);
  return asObject(said?.thinking) !== undefined || asObject(said?.output_config)?.effort === undefined;
}

export interface HiddenThinking {
  /** A part of thinking is complete. */
  thought(part: ReasoningPart): void;
  /** The id under which the client sees a call. */
  id(part: ToolCallPart): string;
  /** A text is signed, for which the client has no place. */
  unsaid(signature: Signature | undefined): void;
  /** The part as the client sees it; undefined for thinking. */
  shown(part: Part): Part | undefined;
}

/** The hidden thinking of one answer. */
export function hiddenThinking(report: LossReport | undefined): HiddenThinking {
  let pending: Signature | undefined;
  const hidden: HiddenThinking = {
    thought(part) {
      pending = carriedSignature(part) ?? pending;
    },
    id(part) {
      if (part.signature !== undefined) return wrapId(part.id, part.signature);
      const signature = pending;
      pending = undefined;
      return wrapId(part.id, signature);
    },
    unsaid(signature) {
      // OpenAI's models are better with it; Google's need none on text.
      if (signature?.family === 'openai')
        report?.('hint', 'messages.phase', 'clients without thinking have no field for it');
    },
    shown(part) {
      switch (part.type) {
        case 'reasoning':
          hidden.thought(part);
          return undefined;
        case 'text':
          hidden.unsaid(part.signature);
          return { ...part, signature: undefined };
        case 'tool-call':
          return { ...part, id: hidden.id(part), signature: undefined };
        default:
          return part;
      }
    },
  };
  return hidden;
}
