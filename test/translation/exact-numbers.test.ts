/**
 * Numbers that JSON can write and JavaScript cannot hold, in what tools are called with and what they give back: every digit comes through,
 * whole and streamed, from and to every protocol.
 */
import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';

const numbers = [
  '12345678901234567890',
  '-9223372036854775808',
  '1e999',
  '-0',
  `${'9'.repeat(400)}`,
  '0.12345678901234567891',
];
const written = `{"id":${numbers[0]},"list":[${numbers.join()}],"deep":{"a":[{"b":${numbers[2]}}]},"text":"-0, 1e999"}`;

const quoted = JSON.stringify(written);
const paths: Record<Protocol, string> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
  gemini: '/v1beta/models/MODEL:generateContent',
};

/** A conversation with one call and its result. */
const asked: Record<Protocol, string> = {
  'openai-chat': `{"model":"MODEL","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"t","arguments":${quoted}}}]},{"role":"tool","tool_call_id":"c1","content":"x"}]`,
  'openai-responses': `{"model":"MODEL","input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"c1","name":"t","arguments":${quoted}},{"type":"function_call_output","call_id":"c1","output":"x"}]`,
  'anthropic-messages': `{"model":"MODEL","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input":${written}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"x"}]}]`,
  gemini: `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"t","args":${written}}}]},{"role":"user","parts":[{"functionResponse":{"name":"t","response":{"a":${written}}}}]}]`,
};

const answered: Record<Protocol, string> = {
  'openai-chat': `{"id":"a","object":"chat.completion","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"t","arguments":${quoted}}}]}}]}`,
  'openai-responses': `{"id":"a","object":"response","status":"completed","output":[{"type":"function_call","id":"f1","call_id":"c1","name":"t","status":"completed","arguments":${quoted}}]}`,
  'anthropic-messages': `{"id":"a","type":"message","role":"assistant","model":"m","stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1},"content":[{"type":"tool_use","id":"c1","name":"t","input":${written}}]}`,
  gemini: `{"candidates":[{"finishReason":"STOP","content":{"role":"model","parts":[{"functionCall":{"name":"t","args":${written}}}]}}]}`,
};

const event = (data: string, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${data}\n\n`;
const named = (data: string): string => event(data, /"type":"([\w.]+)"/.exec(data)?.[1]);

const streamed: Record<Protocol, string> = {
  'openai-chat':
    event(
      `{"id":"a","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"t","arguments":${quoted}}}]}}]}`,
    ) +
    event(
      '{"id":"a","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}',
    ) +
    event('[DONE]'),
  'openai-responses':
    named(
      '{"type":"response.created","response":{"id":"a","object":"response","status":"in_progress","output":[]}}',
    ) +
    named(
      '{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"f1","call_id":"c1","name":"t","arguments":""}}',
    ) +
    named(
      `{"type":"response.function_call_arguments.delta","item_id":"f1","output_index":0,"delta":${quoted}}`,
    ) +
    named(
      `{"type":"response.function_call_arguments.done","item_id":"f1","output_index":0,"arguments":${quoted}}`,
    ) +
    named(
      `{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"f1","call_id":"c1","name":"t","arguments":${quoted},"status":"completed"}}`,
    ) +
    named(`{"type":"response.completed","response":${answered['openai-responses']}}`),
  'anthropic-messages':
    named(
      '{"type":"message_start","message":{"id":"a","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}',
    ) +
    named(
      '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c1","name":"t","input":{}}}',
    ) +
    named(
      `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":${quoted}}}`,
    ) +
    named('{"type":"content_block_stop","index":0}') +
    named('{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":1}}') +
    named('{"type":"message_stop"}'),
  gemini: event(answered.gemini),
};

let answer = (): Response => new Response('{}');
const upstream = startUpstream(() => answer());
const settings: JsonObject = sandboxModels(upstream.url, 'upstream-model');
const gateway = await startTested(settings);

async function ask(client: Protocol, over: Protocol, stream: boolean): Promise<string> {
  const tools = `,"tools":[${
    {
      'openai-chat': '{"type":"function","function":{"name":"t","parameters":{"type":"object"}}}',
      'openai-responses': '{"type":"function","name":"t","parameters":{"type":"object"}}',
      'anthropic-messages': '{"name":"t","input_schema":{"type":"object"}}',
      gemini: '{"functionDeclarations":[{"name":"t","parametersJsonSchema":{"type":"object"}}]}',
    }[client]
  }]`;
  const streams = stream && client !== 'gemini' ? ',"stream":true' : '';
  const path =
    stream && client === 'gemini'
      ? paths.gemini.replace('generateContent', 'streamGenerateContent?alt=sse')
      : paths[client];
  const response = await fetch(gateway.url + path.replace('MODEL', modelOver[over]), {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: `${asked[client]}${tools}${streams}}`.replace('MODEL', modelOver[over]),
  });
  return response.text();
}

/** How often all of it stands there, as JSON or in a text of it, put together where it came in pieces. */
function isWhole(text: string): boolean {
  const joined = text.replace(/\\"/g, '"').replace(/"\}\}\n\n[^\n]*\n?data: [^\n]*?"partial_json":"/g, '');
  return numbers.every((number) => joined.includes(number)) && joined.includes(written.slice(1, -1));
}

describe.each(protocols)('from a client of %s', (client) => {
  test.each(protocols)('to %s and back, every digit of a number comes through', async (over) => {
    for (const stream of [false, true]) {
      answer = () =>
        stream
          ? new Response(streamed[over], { headers: { 'content-type': 'text/event-stream' } })
          : new Response(answered[over], { headers: { 'content-type': 'application/json' } });
      const told = await ask(client, over, stream);
      const sent = new TextDecoder().decode(upstream.asked.at(-1)?.body);
      expect([stream, isWhole(sent) ? 'whole' : sent]).toEqual([stream, 'whole']);
      expect([stream, isWhole(told) ? 'whole' : told]).toEqual([stream, 'whole']);
    }
  });
});
