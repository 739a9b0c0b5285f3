/** Embeddings, for clients that speak OpenAI's form. */
import type { Candidate } from '../credentials/catalog.ts';
import { geminiToOpenaiEmbeddings, openaiToGeminiEmbed } from '../protocols/embeddings.ts';
import { isObject, parseJson } from '../protocols/json.ts';
import { endpointUrl } from '../providers/provider.ts';
import type { ClientRequest } from './answer.ts';
import { type AttemptResult, type AttemptWorld, attempt, jsonHeaders } from './attempt.ts';
import { brokenUpstream } from './failure.ts';
import type { Finished } from './pass-through.ts';
import { callUpstream } from './upstream-call.ts';
import { type ReadRequest, upstreamHeaders } from './upstream-request.ts';

export async function embed(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  world: AttemptWorld,
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
  const called = await callUpstream(
    {
      url: endpointUrl(baseUrl, endpoint({ model: candidate.model, stream: false })),
      headers: upstreamHeaders(request, candidate, {
        sameProtocol: false,
        stream: false,
        userAgent: world.userAgent,
      }),
      body: JSON.stringify(openaiToGeminiEmbed(body, candidate.model)),
    },
    candidate.credential,
    request.signal,
    world,
  );
  if (!called.ok) return called;
  const value = parseJson(await called.response.text());
  if (!isObject(value)) return { ok: false, failure: brokenUpstream('The upstream gave no embeddings.') };
  const answer = geminiToOpenaiEmbeddings(value, request.model, body.encoding_format === 'base64');
  finished({ input: undefined, output: 0 });
  return {
    ok: true,
    answer: { status: 200, headers: jsonHeaders, body: JSON.stringify(answer) },
    losses: [],
  };
}
