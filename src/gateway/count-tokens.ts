/** Counting the tokens of a request: asked of the provider where it can, otherwise an estimate marked as one. */
import type { Candidate } from '../credentials/catalog.ts';
import { textOf } from '../http-client/answer-text.ts';
import { asNumber, isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import { mendedJson } from '../protocols/well-formed.ts';
import { modelTraits } from '../providers/models.ts';
import { endpointUrl } from '../providers/provider.ts';
import { type ClientRequest, jsonHeaders } from './answer.ts';
import { type AttemptResult, type AttemptWorld, attempt } from './attempt.ts';
import { brokenUpstream } from './failure.ts';
import type { Finished } from './stream/pass-through.ts';
import { callUpstream } from './upstream/call.ts';
import { type ReadRequest, upstreamHeaders } from './upstream/request.ts';

/** Fields that each provider's counting endpoint takes; it refuses the others. Gemini takes one wrapper object. */
const counted: Record<Protocol, readonly string[]> = {
  'anthropic-messages': ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking'],
  'openai-responses': [
    'model',
    'input',
    'instructions',
    'tools',
    'tool_choice',
    'text',
    'reasoning',
    'parallel_tool_calls',
  ],
  'openai-chat': [],
  gemini: [],
};

/** Characters of JSON text that make a token, on average, in English prose and code. */
const charactersPerToken = 4;

export async function countTokens(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  world: AttemptWorld,
  finished: Finished,
): Promise<AttemptResult> {
  const { provider, baseUrl } = candidate.credential;
  const endpoint = provider.endpoints['count-tokens'];
  if (endpoint !== undefined && provider.protocol === request.protocol) {
    return attempt(request, read, candidate, world, finished);
  }
  const canonical = codecs[request.protocol].decodeRequest(
    countedRequest(request.protocol, read.json()),
    request,
  );
  const body = codecs[provider.protocol].encodeRequest(canonical, {
    model: candidate.model,
    stream: false,
    traits: modelTraits(candidate.model),
    report: () => {},
  });
  const done = (tokens: number, estimated: boolean): AttemptResult => {
    finished({ input: tokens, output: 0 });
    const headers = estimated ? { ...jsonHeaders, 'x-token-count': 'estimate' } : jsonHeaders;
    return {
      ok: true,
      answer: { status: 200, headers, body: JSON.stringify(countAnswer(request.protocol, tokens)) },
      losses: [],
    };
  };
  if (endpoint === undefined) return done(Math.ceil(JSON.stringify(body).length / charactersPerToken), true);
  const called = await callUpstream(
    {
      url: endpointUrl(baseUrl, endpoint({ model: candidate.model, stream: false })),
      headers: upstreamHeaders(request, candidate, {
        sameProtocol: false,
        stream: false,
        userAgent: world.userAgent,
      }),
      body: mendedJson(
        JSON.stringify(
          provider.countBody?.(body, candidate.model) ?? countBody(provider.protocol, candidate.model, body),
        ),
      ),
    },
    candidate.credential,
    world,
  );
  if (!called.ok) return called;
  const value = parseJson(await textOf(called.answer));
  const tokens = isObject(value) ? (asNumber(value.input_tokens) ?? asNumber(value.totalTokens)) : undefined;
  if (tokens === undefined)
    return { ok: false, failure: brokenUpstream('The upstream gave no token count.') };
  return done(tokens, false);
}

/** Gemini's counting request may wrap the whole request that is to be counted. */
function countedRequest(protocol: Protocol, body: JsonObject): JsonObject {
  const wrapped = protocol === 'gemini' ? body.generateContentRequest : undefined;
  return isObject(wrapped) ? wrapped : body;
}

function countBody(protocol: Protocol, model: string, body: JsonObject): JsonObject {
  if (protocol === 'gemini') return { generateContentRequest: { model: `models/${model}`, ...body } };
  return Object.fromEntries(
    counted[protocol].flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])),
  );
}

function countAnswer(protocol: Protocol, tokens: number): JsonObject {
  switch (protocol) {
    case 'gemini':
      return { totalTokens: tokens };
    case 'openai-responses':
      return { object: 'response.input_tokens', input_tokens: tokens };
    default:
      return { input_tokens: tokens };
  }
}
