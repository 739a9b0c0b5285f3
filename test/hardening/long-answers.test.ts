/**
 * Whatever has to read or write all of a long answer takes turns with others: nothing that is parsed or written at once is as long as the
 * answer. In every pair of protocols, whole and as one event, and on the ways beside them.
 */
import { afterAll, afterEach, beforeAll, expect, spyOn, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, modelOver } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { answerOwnPlaces, type Form } from './answer-shapes.ts';
import { paths } from './held-loop.ts';
import { idIn } from './small-answers.ts';

/** Characters that may be read or written at once. */
const mostAtOnce = 320 * 1024;

let answered = (): Response => new Response('{}');
const upstream = startUpstream(() => answered());
const folder = mkdtempSync(join(tmpdir(), 'long-answers-'));
const config = configOf({
  'auth-dir': folder,
  'disable-cooling': true,
  ...sandboxModels(upstream.url, 'upstream-model'),
});
const gateway = await startGateway({ config, version, log: createLog({ level: 'silent', format: 'json' }) });
const parse = spyOn(JSON, 'parse');
const stringify = spyOn(JSON, 'stringify');
beforeAll(forget);
afterEach(forget);
afterAll(async () => {
  parse.mockRestore();
  stringify.mockRestore();
  await gateway.stop();
  upstream[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

function forget(): void {
  parse.mockClear();
  stringify.mockClear();
}

/** Characters of the longest text that was parsed at once, and of the longest that was written. */
function longest(): { read: number; written: number } {
  const read = parse.mock.calls.map(([text]) => text.length);
  const written = stringify.mock.results.map(({ value }) => (typeof value === 'string' ? value.length : 0));
  return { read: Math.max(0, ...read), written: Math.max(0, ...written) };
}

const words = 'words '.repeat(170);
/** The place of a protocol's answers where a list stands, and one of many long things in it. */
const pieces: Record<Protocol, { place: string; thing: (at: number) => string }> = {
  'openai-chat': {
    place: 'calls',
    thing: (at) =>
      `{"index":${at},"id":"c${at}","type":"function","function":{"name":"t","arguments":"{\\"a\\":\\"${words}\\"}"}}`,
  },
  'openai-responses': {
    place: 'calls',
    thing: (at) =>
      `{"type":"function_call","id":"f${at}","call_id":"c${at}","name":"t","arguments":"{\\"a\\":\\"${words}\\"}","status":"completed"}`,
  },
  'anthropic-messages': {
    place: 'calls',
    thing: (at) => `{"type":"tool_use","id":"c${at}","name":"t","input":{"a":"${words}"}}`,
  },
  gemini: { place: 'parts', thing: () => `{"functionCall":{"name":"t","args":{"a":"${words}"}}}` },
};

/** An answer of more than a megabyte, in a thousand pieces. */
function longAnswer(protocol: Protocol, form: Form): Response {
  if (protocol === 'anthropic-messages' && form === 'event') return longBeginning();
  const { place, thing } = pieces[protocol];
  const found = answerOwnPlaces(protocol, form).find(({ name }) => name === place);
  const list = Array.from({ length: 1200 }, (_, at) => thing(at)).join();
  const body = found?.body(list) ?? '';
  if (form === 'whole') return new Response(body, { headers: { 'content-type': 'application/json' } });
  return streamOf(protocol === 'openai-chat' ? [body, '[DONE]'] : [body]);
}

function streamOf(events: readonly string[]): Response {
  const text = events.map((data) => `data: ${data}\n\n`).join('');
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } });
}

/** No event of Messages holds all of an answer: here it is a field that nobody knows. */
function longBeginning(): Response {
  const list = Array.from({ length: 1200 }, () => `"${words}"`).join();
  return streamOf([
    `{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","x":[${list}],"content":[],"usage":{"input_tokens":1,"output_tokens":1}}}`,
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"x"}}',
    '{"type":"content_block_stop","index":0}',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}',
    '{"type":"message_stop"}',
  ]);
}

const smallRequests: Record<Protocol, string> = {
  'openai-chat': '{"model":"MODEL","messages":[{"role":"user","content":"x"}]}',
  'openai-responses': '{"model":"MODEL","input":"x"}',
  'anthropic-messages': '{"model":"MODEL","max_tokens":5,"messages":[{"role":"user","content":"x"}]}',
  gemini: '{"contents":[{"role":"user","parts":[{"text":"x"}]}]}',
};

async function ask(path: string, body: string): Promise<string> {
  const answer = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body,
  });
  const text = await answer.text();
  expect({ status: answer.status, text: text.slice(0, 200) }).toEqual({
    status: 200,
    text: expect.anything(),
  });
  return text;
}

function asked(client: Protocol, over: Protocol, stream: boolean): Promise<string> {
  const path =
    stream && client === 'gemini' ? '/v1beta/models/MODEL:streamGenerateContent?alt=sse' : paths[client];
  const small = smallRequests[client].replace('MODEL', modelOver[over]);
  const body = stream && client !== 'gemini' ? small.replace('{', '{"stream":true,') : small;
  return ask(path.replace('MODEL', modelOver[over]), body);
}

const pairs = protocols.flatMap((client) =>
  protocols.flatMap((over) =>
    (['whole', 'event'] as const).flatMap((form) =>
      [false, true].map((stream) => ({ client, over, form, stream, as: stream ? 'a stream' : 'whole' })),
    ),
  ),
);

test.each(pairs)(
  '$client gets a long answer of $over ($form) in turns, as $as',
  async ({ client, over, form, stream }) => {
    answered = () => longAnswer(over, form);
    await asked(client, over, stream);
    const { read, written } = longest();
    expect(read).toBeLessThan(mostAtOnce);
    // The last event of a stream of Responses holds the answer.
    if (!(client === 'openai-responses' && stream)) expect(written).toBeLessThan(mostAtOnce);
  },
);

test.each(pairs.filter(({ client }) => client === 'openai-chat'))(
  'a completion gets a long answer of $over ($form) in turns, as $as',
  async ({ over, form, stream }) => {
    answered = () => longAnswer(over, form);
    await ask('/v1/completions', JSON.stringify({ model: modelOver[over], prompt: 'x', stream }));
    const { read, written } = longest();
    expect(read).toBeLessThan(mostAtOnce);
    expect(written).toBeLessThan(mostAtOnce);
  },
);

/** The events of a stream up to its first word. */
const begun: Record<Protocol, string[]> = {
  'openai-chat': ['{"id":"c","choices":[{"index":0,"delta":{"content":"hello"}}]}'],
  'openai-responses': [
    '{"type":"response.created","response":{"id":"r"}}',
    '{"type":"response.output_text.delta","output_index":0,"delta":"hello"}',
  ],
  'anthropic-messages': [
    '{"type":"message_start","message":{"id":"m","content":[]}}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"hello"}}',
  ],
  gemini: ['{"candidates":[{"content":{"parts":[{"text":"hello"}]}}]}'],
};

test.each(protocols)('a long event of %s that reports an error is read in turns', async (over) => {
  const list = Array.from({ length: 1200 }, () => `"${words}"`).join();
  const error = `{"type":"error","error":{"code":401,"message":"no","type":"authentication_error","x":[${list}]}}`;
  for (const client of protocols) {
    answered = () => streamOf([...begun[over], error]);
    const text = await asked(client, over, true);
    expect(text).toContain('hello');
    expect(text.length).toBeLessThan(10_000);
    expect(longest().read).toBeLessThan(mostAtOnce);
  }
});

test.each(protocols)('a long answer of %s is gone on from in turns', async (over) => {
  answered = () => longAnswer(over, 'whole');
  const id = idIn(await asked('openai-responses', over, false));
  forget();
  answered = () => longAnswer(over, 'whole');
  await ask(
    '/v1/responses',
    JSON.stringify({ model: modelOver[over], input: 'x', previous_response_id: id }),
  );
  const { read, written } = longest();
  expect(read).toBeLessThan(mostAtOnce);
  expect(written).toBeLessThan(mostAtOnce);
});

test.each(protocols)('a long answer of %s goes over a WebSocket in turns', async (over) => {
  answered = () => longAnswer(over, 'event');
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${clientKey}` },
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  let came = 0;
  socket.addEventListener('open', () =>
    socket.send(`{"type":"response.create","model":"${modelOver[over]}","input":"x"}`),
  );
  socket.addEventListener('message', ({ data }) => {
    came += String(data).length;
    if (/^\{"type":"(?:response\.completed|error)"/.test(String(data).slice(0, 60))) socket.close();
  });
  socket.addEventListener('close', () => resolve(came));
  expect(await promise).toBeGreaterThan(0);
  expect(longest().read).toBeLessThan(mostAtOnce);
});
