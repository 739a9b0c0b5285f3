/** The part of a route that a request takes without losing anything on the way: what `translation.strict` asks for. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import type { Loss } from '../protocols/codec.ts';
import type { Protocol, ProtocolError } from '../protocols/model.ts';
import { withClientProtocol } from './client-protocol.ts';
import type { ReadRequest, RequestBody } from './read-request.ts';
import { upstreamBody } from './upstream/request.ts';

export type LosslessCandidates =
  | { ok: true; serves: (candidate: Candidate) => boolean }
  /** No candidate is left; `losses` is the whole report for the first. */
  | { ok: false; error: ProtocolError; losses: readonly Loss[] };

/**
 * The candidates that the request reaches with nothing dropped; approximations and other names are no loss.
 * Each protocol and model of a provider is translated once, however many credentials there are.
 * Throws InvalidRequest for a body that cannot be read.
 */
export function losslessCandidates(
  route: Route,
  request: RequestBody,
  read: ReadRequest,
): LosslessCandidates {
  const reports = new Map<string, readonly Loss[]>();
  let refused: { protocol: Protocol; losses: readonly Loss[] } | undefined;
  const isLossless = (candidate: Candidate): boolean => {
    const { credential, model } = withClientProtocol(candidate, request.protocol);
    const { provider } = credential;
    const { protocol } = provider;
    if (protocol === request.protocol && provider.adapt === undefined) return true;
    const key = `${provider.name}\n${protocol}\n${model}`;
    const target = { protocol, model, stream: request.stream, provider };
    const losses = reports.get(key) ?? upstreamBody(request, read, target).losses;
    reports.set(key, losses);
    if (!losses.some(isDrop)) return true;
    refused ??= { protocol, losses };
    return false;
  };
  if (route.tiers.some((tier) => tier.some(isLossless)) || refused === undefined)
    return { ok: true, serves: isLossless };
  return { ok: false, error: lossy(refused.protocol, refused.losses), losses: refused.losses };
}

function isDrop(loss: Loss): boolean {
  return loss.kind === 'dropped';
}

function lossy(protocol: Protocol, losses: readonly Loss[]): ProtocolError {
  const drops = losses.filter(isDrop);
  const named = drops.map(({ field, detail }) => (detail === undefined ? field : `${field} (${detail})`));
  return {
    status: 400,
    kind: 'invalid-request',
    message: `The translation to ${protocol} would lose ${[...new Set(named)].join(', ')}, and translation.strict is on.`,
    code: 'lossy_translation',
    param: drops[0]?.field,
  };
}
