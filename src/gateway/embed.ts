/** Embeddings, for clients that speak OpenAI's form. */
import type { Candidate } from '../credentials/catalog.ts';
import { geminiToOpenaiEmbeddings, openaiToGeminiEmbed } from '../protocols/embeddings.ts';
import { isObject, parseJson } from '../protocols/json.ts';
import { codecs } from '../protocols/registry.ts';
import { endpointUrl } from '../providers/provider.ts';
import type { ClientRequest } from './answer.ts';
import { type AttemptResult, attempt, jsonHeaders, type Surroundings } from './attempt.ts';
import { brokenUpstream, failureFromResponse } from './failure.ts';
import type { Finished } from './pass-through.ts';
import { type ReadRequest, upstreamHeaders } from './upstream-request.ts';

export async function embed(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  world: Surroundings,
  finished: Finished,
): Promise<AttemptResult> {
  const { provider, baseUrl } = candidate.credential;
  const endpoint = provider.endpoints.embed;
  // Both OpenAI protocols share one embeddings endpoint.
  if (provider.protocol === 'openai-chat' || provider.protocol === 'openai-responses') {
    return attempt({ ...request, protocol: provider.protocol }, read, candidate, world, finished);
  }
  if (endpoint === undefined) {
    return { ok: false, failure: brokenUpstream(`${provider.title} has no embeddings.`, undefined, 501) };
  }
  const body = read.json();
  let upstream: Response;
  try {
    upstream = await world.fetch(endpointUrl(baseUrl, endpoint({ model: candidate.model, stream: false })), {
      method: 'POST',
      headers: upstreamHeaders(request, candidate, false, world.userAgent),
      body: JSON.stringify(openaiToGeminiEmbed(body, candidate.model)),
      signal: request.signal,
      redirect: 'manual',
      proxy: await world.proxies.proxyFor(baseUrl, candidate.credential.proxyUrl),
    });
  } catch (error) {
    return { ok: false, failure: brokenUpstream('Could not reach the upstream for embeddings.', error) };
  }
  if (upstream.status >= 300) {
    return {
      ok: false,
      failure: await failureFromResponse(codecs[provider.protocol], upstream, world.now()),
    };
  }
  const value = parseJson(await upstream.text());
  if (!isObject(value)) return { ok: false, failure: brokenUpstream('The upstream gave no embeddings.') };
  const answer = geminiToOpenaiEmbeddings(value, request.model, body.encoding_format === 'base64');
  finished({ input: undefined, output: 0 });
  return {
    ok: true,
    answer: { status: 200, headers: jsonHeaders, body: JSON.stringify(answer) },
    losses: [],
  };
}
