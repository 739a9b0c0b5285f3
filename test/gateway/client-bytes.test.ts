/**
 * Through a running gateway to an upstream of the client's own protocol, over HTTP and over the WebSocket of the Responses API:
 * whatever the owner and the model's name change, every other byte is the client's.
 */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Protocol } from '../../src/protocols/model.ts';
import { wrapSignature } from '../../src/protocols/signature-envelope.ts';
import { eventually } from '../eventually.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { callOf, post } from './calls.ts';
import { startUpstream } from './upstream.ts';

// What it says is not looked at: a refusal ends a request at once.
const upstream = startUpstream(() => Response.json({ error: { message: 'no' } }, { status: 400 }));
const service = (path: string, name: string) => ({
  ...{ 'base-url': upstream.url + path, prefix: 'team' },
  models: [{ name, alias: 'fast' }, { name }],
});
const models = {
  'openai-chat': 'gpt-5.2',
  'openai-responses': 'gpt-5.2',
  'anthropic-messages': 'claude-opus-4-6',
  gemini: 'gemini-3-pro-preview',
} as const;
const lists: Record<Protocol, object> = {
  'openai-chat': {
    'openai-compatibility': [{ name: 'c', ...service('/v1', models['openai-chat']) }],
  },
  'openai-responses': {
    'codex-api-key': [{ 'api-key': 'k', ...service('/v1', models['openai-responses']) }],
  },
  'anthropic-messages': {
    'claude-api-key': [{ 'api-key': 'k', ...service('', models['anthropic-messages']) }],
  },
  gemini: { 'gemini-api-key': [{ 'api-key': 'k', ...service('', models.gemini) }] },
};
const rule = { payload: { override: [{ models: [{ name: '*' }], params: { ours: true } }] } };
const running = async (protocol: Protocol) => ({
  plain: await startTested({ ...lists[protocol] }),
  ruled: await startTested({ ...lists[protocol], ...rule }),
});
const gateways: Record<Protocol, Awaited<ReturnType<typeof running>>> = {
  'openai-chat': await running('openai-chat'),
  'openai-responses': await running('openai-responses'),
  'anthropic-messages': await running('anthropic-messages'),
  gemini: await running('gemini'),
};
beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  for (const { plain, ruled } of Object.values(gateways)) {
    await plain[Symbol.asyncDispose]();
    await ruled[Symbol.asyncDispose]();
  }
});

const foreign = wrapSignature({ family: 'gemini', value: 'proof' }, 'anthropic');

/** What a body holds beside its model: its conversation, without a signature that is another provider's, and how hard to think. */
interface Parts {
  /** With the signature, and what is left without it. */
  signed: [string, string];
  said: string;
  wanted: string;
}
const partsOf: Record<Protocol, Parts> = {
  'openai-chat': {
    signed: [
      `"messages":[{"role":"user" ,"content":"Hi","z":1.0},{"role":"assistant", "content":"a","reasoning_details":[{"type":"reasoning.encrypted","id":"#1","data":"${foreign}"}]}]`,
      '"messages":[{"role":"user" ,"content":"Hi","z":1.0},{"role":"assistant", "content":"a"}]',
    ],
    said: '"reasoning_effort" : "low"',
    wanted: '"reasoning_effort" : "high"',
  },
  'openai-responses': {
    signed: [
      `"input":[{"role":"user","content":"Hi" ,"z":1.0}, {"type":"reasoning","summary":[],"encrypted_content":"${foreign}"}]`,
      '"input":[{"role":"user","content":"Hi" ,"z":1.0}]',
    ],
    said: '"reasoning" : {"summary":"auto", "effort":"low"}',
    wanted: '"reasoning" : {"summary":"auto", "effort":"high"}',
  },
  'anthropic-messages': {
    signed: [
      `"max_tokens":5e3,"messages":[ {"role":"user","content":"a","z":1.0}, {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"${foreign}"}, {"type":"text" ,"text":"b"}]},{"role":"user","content":"c"}]`,
      '"max_tokens":5e3,"messages":[ {"role":"user","content":"a","z":1.0}, {"role":"assistant","content":[{"type":"text" ,"text":"b"}]},{"role":"user","content":"c"}]',
    ],
    said: '"thinking":{"type": "adaptive"}, "output_config" : { "effort":"low"}',
    wanted: '"thinking":{"type": "adaptive"}, "output_config" : { "effort":"high"}',
  },
  gemini: {
    signed: [
      `"contents":[{"role":"user","parts":[{"text":"Hi" ,"z":1.0}]}]`,
      '"contents":[{"role":"user","parts":[{"text":"Hi" ,"z":1.0}]}]',
    ],
    said: '"generation_config":{"topP":1.0,"thinking_config":{ "thinkingLevel":"LOW" , "includeThoughts":true}}',
    wanted:
      '"generation_config":{"topP":1.0,"thinking_config":{ "thinkingLevel":"HIGH" , "includeThoughts":true}}',
  },
};

/** What programs write that no serialiser of ours would: odd white space, numbers in other words, escapes, unknown members. */
const odd = (name: string) =>
  fc
    .array(
      fc.constantFrom(
        '1e2',
        '1.0',
        '"\\u00e9\\/"',
        ' [ 1.50 , {} ] ',
        '{"b":1 ,"a":\t2}',
        '12345678901234567890',
      ),
      { maxLength: 3 },
    )
    .map((all) => all.map((one, at) => `"${name}${at}" : ${one} ,\n`).join(''));

interface Change {
  suffix: boolean;
  /** The alias under the prefix of its credential, the model's own name under it, or the name alone. */
  called: 'alias' | 'prefix' | 'name';
  signature: boolean;
  rule: boolean;
}
const change: fc.Arbitrary<Change> = fc.record({
  suffix: fc.boolean(),
  called: fc.constantFrom('alias', 'prefix', 'name'),
  signature: fc.boolean(),
  rule: fc.boolean(),
});

/** The text that the client sends, and what the upstream is to get. */
function texts(protocol: Protocol, made: Change, head: string, tail: string) {
  const real = models[protocol];
  const { signed, said, wanted } = partsOf[protocol];
  const name = made.called === 'alias' ? 'team/fast' : made.called === 'prefix' ? `team/${real}` : real;
  const model = made.suffix ? `${name}(high)` : name;
  const named = (which: string) => (protocol === 'gemini' ? '' : `"model" : ${JSON.stringify(which)},`);
  const text = (which: string, conversation: string, thinking: string, end: string) =>
    `${head}${named(which)} ${conversation},${tail}${thinking}${end}`;
  const [withIt, without] = signed;
  return {
    model,
    sent: text(model, made.signature ? withIt : without, said, ''),
    got: text(real, without, made.suffix ? wanted : said, made.rule ? ',"ours":true' : ''),
  };
}

const received = (): string => new TextDecoder().decode(upstream.asked.at(-1)?.body);

describe.each(Object.keys(models) as Protocol[])('%s to itself, over HTTP', (protocol) => {
  test('what is not changed is the client’s, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        change,
        odd('x'),
        odd('y'),
        fc.constantFrom('', ' ', '\n\t'),
        async (made, head, tail, space) => {
          const { model, sent, got } = texts(protocol, made, head, tail);
          const { url } = gateways[protocol][made.rule ? 'ruled' : 'plain'];
          const before = upstream.asked.length;
          await post(url + callOf(protocol).path(model, false), `${space}{${space}${sent}${space}}${space}`);
          expect(upstream.asked.length).toBe(before + 1);
          expect(received()).toBe(`${space}{${space}${got}${space}}${space}`);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('openai-responses to itself, over the WebSocket: the client’s bytes, but for what belongs to the way', async () => {
  const open = async ({ url }: { url: string }) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, {
      headers: { authorization: `Bearer ${clientKey}` },
    });
    await new Promise((resolve) => {
      socket.onopen = resolve;
    });
    return socket;
  };
  const { plain, ruled } = gateways['openai-responses'];
  const sockets = { plain: await open(plain), ruled: await open(ruled) };
  await fc.assert(
    fc.asyncProperty(change, odd('x'), odd('y'), async (made, head, tail) => {
      const { sent, got } = texts('openai-responses', made, head, tail);
      const before = upstream.asked.length;
      sockets[made.rule ? 'ruled' : 'plain'].send(`{"type":"response.create", ${sent} }`);
      await eventually(() => upstream.asked.length > before);
      const [body, ours = ''] = made.rule ? [got.slice(0, -',"ours":true'.length), ',"ours":true'] : [got];
      expect(received()).toBe(`{${body},"stream":true${ours} }`);
    }),
    { numRuns: 40 },
  );
  for (const socket of Object.values(sockets)) socket.close();
});
