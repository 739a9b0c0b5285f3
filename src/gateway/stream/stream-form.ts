/** The form in which a client wants its stream. */
import { codecs } from '../../protocols/registry.ts';
import type { ClientRequest } from '../answer.ts';

/** Whether a client's stream is to be a JSON array that grows. */
export function wantsArray({ protocol, query }: Pick<ClientRequest, 'protocol' | 'query'>): boolean {
  return codecs[protocol].queryForms?.wantsArray(query) ?? false;
}
