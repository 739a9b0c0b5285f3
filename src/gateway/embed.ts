/** Embeddings, asked for in the form of the upstream's protocol. */
import type { Candidate } from '../credentials/catalog.ts';
import { runYielding } from '../ground/steps.ts';
import { mostMemoryOfNumbers } from '../protocols/answer-weight.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import { isObject, type JsonObject } from '../protocols/json.ts';
import { writingJson } from '../protocols/json-text-in-steps.ts';
import { embeddingsWeights, memoryWeights } from '../protocols/json-weight.ts';
import { codecs } from '../protocols/registry.ts';
import { endpointUrl } from '../providers/provider.ts';
import { type ClientRequest, jsonHeaders } from './answer.ts';
import { type Attempt, type AttemptDeps, type AttemptResult, attempt } from './attempt.ts';
import { brokenUpstream } from './failure.ts';
import { parsedYielding } from './json-body.ts';
import { lackingFailure, lacksVectors } from './lacking-answer.ts';
import { parseYielding } from './read-request.ts';
import { notJson, readBytes, tooManyValues } from './translate-whole.ts';
import { callUpstream } from './upstream/call.ts';
import { upstreamHeaders } from './upstream/request-headers.ts';
import { isHeavierInTurns } from './weight-in-turns.ts';
import { workedAtOnce, yieldFor } from './yield-for.ts';

/** Asks in the upstream's form and answers in the client's; between equal forms the bytes go through. */
export const embed: Attempt = async (request, read, candidate, deps, finished) => {
  const { provider } = candidate.credential;
  const [from, to] = [codecs[request.protocol].embedding, codecs[provider.protocol].embedding];
  // Protocols that share an endpoint share the form.
  if (from === undefined || to === undefined || from === to)
    return attempt({ ...request, protocol: provider.protocol }, read, candidate, deps, finished);

  const most = deps.bounds['json-values'];
  if (await areTooMany(most, request.body))
    throw new InvalidRequest('', `The request has more values than are read (bounds.json-values: ${most}).`);
  await parseYielding(request, read);
  deps.longWork.between(request.body.length);
  const body = read.json();
  const wanted = from.readRequest(body);
  const written = to.writeRequest(wanted, candidate.model);
  await yieldFor(request.body.length);
  const asked = await ask(request, candidate, JSON.stringify(written), deps);
  if (!asked.ok) return asked;
  const { value, length, headers } = asked;
  const embeddings = to.readAnswer(value);
  await yieldFor(length);
  // It would be unknown which text each of fewer vectors belongs to.
  if (
    embeddings.vectors.length < wanted.texts.length ||
    embeddings.vectors.some((vector) => vector.length === 0)
  )
    return {
      ok: false,
      failure: lackingFailure(codecs[provider.protocol], value, lacksVectors, headers, deps.clock.now()),
    };
  const answer = from.writeAnswer(embeddings, {
    body,
    model: request.model,
    single: request.operation === 'embed-content',
  });
  await yieldFor(length);
  finished(codecs[provider.protocol].usage.inAnswer(value) ?? {});
  const text = length > workedAtOnce ? await runYielding(writingJson(answer)) : JSON.stringify(answer);
  return { ok: true, answer: { status: 200, headers: jsonHeaders, body: text }, losses: [] };
};

/** Whether there are more numbers, or other values, than are read. */
async function areTooMany(most: number, json: Uint8Array): Promise<boolean> {
  return (
    (await isHeavierInTurns(most, json, embeddingsWeights)) ||
    (await isHeavierInTurns(mostMemoryOfNumbers(most, json.length), json, memoryWeights))
  );
}

const decoder = new TextDecoder();

async function ask(
  request: ClientRequest,
  candidate: Candidate,
  body: string,
  deps: AttemptDeps,
): Promise<
  { ok: true; value: JsonObject; length: number; headers: Headers } | Extract<AttemptResult, { ok: false }>
> {
  const { provider, baseUrl } = candidate.credential;
  const path = provider.endpoints.embed?.({ model: candidate.model, stream: false });
  if (path === undefined)
    return { ok: false, failure: brokenUpstream(`${provider.title} has no embeddings.`, undefined, 501) };
  const call = {
    url: endpointUrl(baseUrl, path),
    headers: upstreamHeaders(request, candidate, {
      sameProtocol: false,
      stream: false,
      userAgent: deps.userAgent,
    }),
    body: () => body,
  };
  const called = await callUpstream(call, candidate.credential, deps);
  if (!called.ok) return called;
  const bytes = await readBytes(called.answer);
  if (!bytes.ok) return bytes;
  const { length } = bytes.value;
  const most = deps.bounds['answer-values'];
  if (await areTooMany(most, bytes.value)) return { ok: false, failure: tooManyValues(most) };
  const text = decoder.decode(bytes.value);
  deps.longWork.between(length);
  const value = await parsedYielding(text);
  if (!isObject(value)) return { ok: false, failure: notJson(text) };
  deps.longWork.between(length);
  return { ok: true, value, length, headers: called.answer.headers };
}
