import { afterAll, describe, expect, test } from 'bun:test';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { type Exchange, exchanges } from '../corpus.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { officialClients } from './official.ts';

let answered: Exchange['response'];
const upstream = startUpstream(() => {
  const stream = answered?.sse !== undefined;
  return new Response(answered?.sse ?? JSON.stringify(answered?.body), {
    headers: { 'content-type': stream ? 'text/event-stream' : 'application/json' },
  });
});
const gateway = await startTested({
  'disable-cooling': true,
  ...sandboxModels(upstream.url, 'm'),
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Recordings of failures that came with status 200: clients must be told so. */
const failures = new Set([
  'anthropic-quoted-errors-1206928c0f4b',
  // MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, OTHER: the model gave its answer up.
  'gemini-gemini-cli-d91317a51934',
  'gemini-pydantic-ai-459213492589',
  'gemini-pydantic-ai-50fbfa10470a',
  'gemini-vertexai-sdk-test-data-d425667cb4e4',
  'gemini-vertexai-sdk-test-data-b0fe32c995e8',
  'gemini-vertexai-sdk-test-data-d425667cb4e4',
  'openai-chat-pydantic-ai-e7722f1d105c',
  'openai-chat-pydantic-ai-ea036584d313',
  'openai-chat-req-llm-448ee39d3488',
  'openai-chat-req-llm-5505e06eae82',
  'openai-chat-req-llm-b9220a4f1635',
  'openai-responses-quoted-errors-f974c2171f85',
]);
/** Recordings that were cut off by a token limit within a call's arguments: a client that reads them as JSON cannot. */
const cutCalls = new Set(['openai-responses-mirascope-afb50bbc550d']);

const answers = (protocol: Protocol) =>
  exchanges(protocol).filter(
    ({ id, endpoint, response }) =>
      endpoint === 'generate' &&
      response?.status === 200 &&
      response.base64 === undefined &&
      !cutCalls.has(id),
  );

const pairs = officialClients.flatMap((client) =>
  protocols
    .filter((over) => over !== client.protocol)
    .map((over) => ({ client, over, title: `${client.name} over ${over}` })),
);

describe.each(pairs)('$title', ({ client, over }) => {
  test.each([false, true])('stream %p: understands every answer that was recorded', async (stream) => {
    for (const { id, response } of answers(over)) {
      answered = response;
      const model = modelOver[over];
      const outcome = await client
        .open({ url: gateway.url, key: clientKey, model, stream })
        .say('Hello')
        .then(
          () => 'answered',
          (error: unknown) => (failures.has(id) ? client.shown(error) : error),
        );
      if (!failures.has(id)) expect([id, outcome]).toEqual([id, 'answered']);
      else expect([id, outcome]).toEqual([id, expect.objectContaining({ message: expect.any(String) })]);
    }
  });
});
