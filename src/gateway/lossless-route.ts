/** The part of a route that a request takes without losing anything on the way: what `translation.strict` asks for. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import type { Loss } from '../protocols/codec.ts';
import type { Protocol } from '../protocols/model.ts';
import { badRequest, type ProtocolError } from '../protocols/protocol-error.ts';
import { shortened } from '../protocols/shortened.ts';
import { withClientProtocol } from './client-protocol.ts';
import type { ReadRequest, RequestBody } from './read-request.ts';
import { type BodyTarget, upstreamBody, upstreamBodyYielding } from './upstream/request.ts';
import { workedAtOnce } from './yield-for.ts';

export type LosslessCandidates =
  | { ok: true; serves: (candidate: Candidate) => boolean }
  /** No candidate is left; `losses` is the whole report for the first. */
  | { ok: false; error: ProtocolError; losses: readonly Loss[] };

/**
 * The candidates that the request reaches with nothing dropped; approximations and other names are no loss.
 * Each protocol and model of a provider is translated once, however many credentials there are, long bodies in turns; those
 * behind the first that loses nothing when they are wanted.
 * Rejects with InvalidRequest for a body that cannot be read.
 */
export async function losslessCandidates(
  route: Route,
  request: RequestBody,
  read: ReadRequest,
): Promise<LosslessCandidates> {
  const reports = new Map<string, readonly Loss[]>();
  let refused: { protocol: Protocol; losses: readonly Loss[] } | undefined;
  const isLossless = (candidate: Candidate): boolean => {
    const translation = translationFor(candidate, request);
    if (translation === undefined) return true;
    const { key, target } = translation;
    const losses = reports.get(key) ?? upstreamBody(request, read, target).losses;
    reports.set(key, losses);
    if (!losses.some(isDrop)) return true;
    refused ??= { protocol: target.protocol, losses };
    return false;
  };
  // In turns up to the first that loses nothing, whom the search below then finds.
  if (request.body.length > workedAtOnce)
    for (const candidate of route.tiers.flat()) {
      const translation = translationFor(candidate, request);
      if (translation !== undefined && !reports.has(translation.key)) {
        const { losses } = await upstreamBodyYielding(request, read, translation.target);
        reports.set(translation.key, losses);
      }
      if (isLossless(candidate)) break;
    }
  if (route.tiers.some((tier) => tier.some(isLossless)) || refused === undefined)
    return { ok: true, serves: isLossless };
  return { ok: false, error: lossy(refused.protocol, refused.losses), losses: refused.losses };
}

/** The translation for a candidate, and what names it; undefined where the client's own bytes go to it. */
function translationFor(
  candidate: Candidate,
  { protocol: own, stream }: RequestBody,
): { key: string; target: BodyTarget } | undefined {
  const { credential, model } = withClientProtocol(candidate, own);
  const { provider } = credential;
  const { protocol } = provider;
  if (protocol === own && provider.adapt === undefined) return undefined;
  return { key: `${provider.name}\n${protocol}\n${model}`, target: { protocol, model, stream, provider } };
}

function isDrop(loss: Loss): boolean {
  return loss.kind === 'dropped';
}

/** Losses that a refusal names, and characters of each: they hold names of the client's. */
const mostNamed = 32;
const longestNamed = 300;

function lossy(protocol: Protocol, losses: readonly Loss[]): ProtocolError {
  const drops = losses.filter(isDrop);
  const all = new Set(
    drops.map(({ field, detail }) => (detail === undefined ? field : `${field} (${detail})`)),
  );
  const named = [...all].slice(0, mostNamed).map((one) => shortened(one, longestNamed));
  if (all.size > mostNamed) named.push(`${all.size - mostNamed} more`);
  return badRequest(
    `The translation to ${protocol} would lose ${named.join(', ')}, and translation.strict is on.`,
    { code: 'lossy_translation', param: drops[0] && shortened(drops[0].field, longestNamed) },
  );
}
