import type { ClientRequest } from '../answer.ts';

/** Whether a client's stream is to be a JSON array that grows: Gemini's, unless it asks for events. */
export function wantsArray({ protocol, query }: Pick<ClientRequest, 'protocol' | 'query'>): boolean {
  return protocol === 'gemini' && !/(^|&)\$?alt=sse(&|$)/.test(query);
}
