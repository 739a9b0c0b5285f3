import type { Candidate } from '../credentials/catalog.ts';
import type { Protocol } from '../protocols/model.ts';

/** The candidate as it answers clients of this protocol: in their own, where the provider speaks several. */
export function withClientProtocol(candidate: Candidate, protocol: Protocol): Candidate {
  const { credential } = candidate;
  const { provider } = credential;
  if (provider.protocol === protocol) return candidate;
  const other = provider.also?.find((record) => record.protocol === protocol);
  return other === undefined ? candidate : { ...candidate, credential: { ...credential, provider: other } };
}
