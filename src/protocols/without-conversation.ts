/** What of a request is needed until its answer is over. */
import type { Request } from './model.ts';

/**
 * The request without its conversation, which may be megabytes: tools, settings and the protocol's own fields stay. Of the
 * messages only instructions that stand first do, since answers of the Responses API repeat them.
 */
export function withoutConversation(request: Request): Request {
  const [first] = request.messages;
  const instructs = first?.role === 'system' || first?.role === 'developer';
  return { ...request, messages: instructs ? [first] : [] };
}
