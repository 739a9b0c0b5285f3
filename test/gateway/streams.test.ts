import { describe, expect, test } from 'bun:test';
import { asArray } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { everyUpstream, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';
import { callOf, calls, jsonOf, post, send } from './calls.ts';

const { gateway } = await overSandbox((url) => ({
  'disable-cooling': true,
  ...everyUpstream(url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
    headers: { 'x-sandbox-fault': '$x-sandbox-fault' },
  }),
}));

/** The last event of a stream that failed, as each protocol writes it. */
const errorEvent: Record<Protocol, RegExp> = {
  'openai-chat': /\n\ndata: (\{"error":\{.*\}\})\n\n(?:data: \[DONE\]\n\n)?$/,
  'openai-responses': /\n\nevent: (?:error|response\.failed)\ndata: (\{.*\})\n\n$/,
  'anthropic-messages': /\n\nevent: error\ndata: (\{"type":"error","error":\{.*\}\})\n\n$/,
  gemini: /\n\ndata: (\{"error":\{.*\}\})\n\n$/,
};
/** What tells a client that an answer is complete. */
const complete: Record<Protocol, RegExp> = {
  'openai-chat': /"finish_reason":"/,
  'openai-responses': /response\.completed/,
  'anthropic-messages': /message_stop/,
  gemini: /"finishReason":"/,
};

const pairs = calls.flatMap((call) =>
  protocols.map((over) => ({ call, over, title: `${call.protocol} over ${over}` })),
);

// A reset takes along what has not been read yet: the pace lets the first words arrive long before.
describe.each([
  { upstream: 'closes before its terminal event', fault: 'no-terminal', says: 'broke off' },
  { upstream: 'resets the connection', fault: 'cut=15; slow=3', says: 'broke off' },
  {
    upstream: 'resets the connection in the middle of an event',
    fault: 'cut-bytes=4000; slow=3',
    says: 'broke off',
  },
  { upstream: 'says in the stream that it failed', fault: 'error-event=7', says: 'asked to fail' },
])('an upstream that $upstream', ({ fault, says }) => {
  test.each(pairs)(
    '$title: the client gets what came, then its own protocol’s error, and no end that looks complete',
    async ({ call, over }) => {
      const response = await send(gateway.url, call, {
        model: modelOver[over],
        stream: true,
        text: 'say 100 words',
        headers: { 'x-sandbox-fault': fault },
      });
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toContain('word1');
      expect(errorEvent[call.protocol].exec(text)?.[1] ?? text).toContain(says);
      expect(text).not.toMatch(complete[call.protocol]);
    },
  );
});

test.each(protocols)('a JSON array of a Gemini client over %s ends with the error', async (over) => {
  const response = await post(
    `${gateway.url}/v1beta/models/${modelOver[over]}:streamGenerateContent`,
    { contents: [{ role: 'user', parts: [{ text: 'say 100 words' }] }] },
    { headers: { 'x-sandbox-fault': 'cut=15; slow=3' } },
  );
  const chunks = asArray(await jsonOf(response));
  expect(JSON.stringify(chunks)).toContain('word1');
  expect(JSON.stringify(chunks)).not.toMatch(complete.gemini);
  expect(callOf('gemini').errorOf(chunks.at(-1) ?? null).message).toContain('broke off');
});

test.each(pairs)(
  '$title: a broken line in the middle of a stream ends it with an error',
  async ({ call, over }) => {
    // Same protocol: the client's own reader meets the line.
    if (call.protocol === over) return;
    const response = await send(gateway.url, call, {
      model: modelOver[over],
      stream: true,
      headers: { 'x-sandbox-fault': 'garbage=7' },
    });
    const text = await response.text();
    expect(text).toMatch(errorEvent[call.protocol]);
    expect(text).not.toMatch(complete[call.protocol]);
  },
);
