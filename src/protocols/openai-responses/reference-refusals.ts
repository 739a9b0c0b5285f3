/** Why a request is refused that refers to something, as OpenAI words it where it does. */
import type { ReferenceRefusals } from '../conversation-state.ts';
import { badRequest, type ProtocolError } from '../protocol-error.ts';

export const refusals: ReferenceRefusals = {
  previousUnknown: (id) =>
    invalid(
      'previous_response_id',
      `Previous response with id '${shown(id)}' not found. It was not stored, has expired, or belongs to another key: send the whole conversation as input.`,
      'previous_response_not_found',
    ),
  itemUnknown: (id) =>
    invalid(
      'input',
      `Item with id '${shown(id)}' not found. Its response was not stored, has expired, or belongs to another key: send the item itself.`,
    ),
  // OpenAI refuses one item twice with this sentence.
  itemRepeated: (id) =>
    invalid(
      'input',
      `Duplicate item found with id ${shown(id)}. Remove duplicate items from your input and try again.`,
    ),
  tooManyNamed: (most) =>
    invalid(
      'input',
      `input: more than ${most} items are named by an id. Use previous_response_id, or send the items themselves.`,
    ),
  tooMuchBefore: {
    status: 413,
    kind: 'too-large',
    message:
      'input: what it goes on from is longer than a request may be (bounds.unpacked-request). Send what is still needed of it.',
    param: 'input',
  },
  noConversations: invalid(
    'conversation',
    'conversation: no provider that serves this model keeps conversations. Use previous_response_id, or send the whole conversation as input.',
    'unsupported_parameter',
  ),
  notFound(what, id) {
    const param = what === 'other' ? 'input' : what;
    return { status: 404, kind: 'not-found', message: `${param}: '${shown(id)}' not found.`, param };
  },
};

/** Whether an upstream's refusal is about an answer to go on from, which it does not know. */
export function isUnknownAnswer(status: number, text: string): boolean {
  return (status === 400 || status === 404) && text.includes('previous_response');
}

function invalid(param: string, message: string, code?: string): ProtocolError {
  return badRequest(message, { param, ...(code !== undefined && { code }) });
}

function shown(id: string): string {
  return id.slice(0, 80);
}
