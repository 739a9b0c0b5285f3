import { asksForNumbers } from '../../protocols/gemini/index.ts';
import type { ClientRequest } from '../answer.ts';

/** Whether a client's stream is to be a JSON array that grows: Gemini's, unless it asks for events. */
export function wantsArray({ protocol, query }: Pick<ClientRequest, 'protocol' | 'query'>): boolean {
  return protocol === 'gemini' && !/(^|&)(?:\$|%24)?alt=sse(&|;|%3B|$)/i.test(query);
}

/** Whether a client wants numbers for enums: older clients of Google. */
export function wantsNumbers({ protocol, query }: Pick<ClientRequest, 'protocol' | 'query'>): boolean {
  return protocol === 'gemini' && asksForNumbers(query);
}
