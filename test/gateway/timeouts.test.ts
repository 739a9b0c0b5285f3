/** Upstreams that do not connect, do not begin, or stop: what a client sees, and who takes over. */
import { afterAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import type { JsonObject } from '../../src/protocols/json.ts';
import { eventually } from '../eventually.ts';
import { startTested } from '../gateway-harness.ts';
import { callOf, calls, jsonOf, send } from './calls.ts';
import { named, startNamedUpstream } from './named-upstream.ts';
import { eventStream } from './upstream.ts';

const { answers, freshKeys, provider, upstream } = startNamedUpstream();
const gateway = await startTested({ 'openai-compatibility': [provider(['first'])] });
const use = (timeouts: JsonObject, ...entries: JsonObject[]) =>
  gateway.reconfigure({ timeouts, routing: { strategy: 'fill-first' }, 'openai-compatibility': entries });
/** A key that is asked first and is given up soon, and one that may take its time, as it does on a busy machine. */
const takenOver = (timeouts: JsonObject, slow: string, good: string) =>
  use({}, provider([slow], { timeouts, priority: 1 }), provider([good]));

afterAll(() => gateway[Symbol.asyncDispose]());

const chat = callOf('openai-chat');
const anthropic = callOf('anthropic-messages');

/** A stream that says `text` and then nothing more; `left` is told when its reader has gone. */
function silent(text: string, left: () => void = () => {}): Response {
  return eventStream(
    new ReadableStream({
      start(controller) {
        if (text !== '') controller.enqueue(new TextEncoder().encode(text));
      },
      cancel: left,
    }),
  );
}

const content =
  'data: {"id":"1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"begun"},"finish_reason":null}]}\n\n';

test('headers without an event: after timeouts.first-byte the next credential takes over, and the first call is ended', async () => {
  for (const client of [chat, anthropic]) {
    const [slow = '', good = ''] = freshKeys(2);
    let left = 0;
    answers.set(slow, () => silent('', () => left++));
    await takenOver({ 'first-byte': '60ms' }, slow, good);
    const response = await send(gateway.url, client, { model: 'm', stream: true });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(good);
    await eventually(() => left === 1);
  }
});

test('no headers: the same', async () => {
  const [slow = '', good = ''] = freshKeys(2);
  answers.set(slow, () => new Promise(() => {}));
  await takenOver({ 'first-byte': '60ms' }, slow, good);
  expect(await (await send(gateway.url, chat, { model: 'm', stream: true })).text()).toContain(good);
});

test('nobody else left: 504 in the protocol of the client, naming the limit', async () => {
  for (const call of calls) {
    const [slow = ''] = freshKeys(1);
    answers.set(slow, () => silent(''));
    await use({ 'first-byte': '40ms' }, provider([slow]));
    const response = await send(gateway.url, call, { model: 'm', stream: true });
    expect(response.status).toBe(504);
    expect(call.errorOf(await jsonOf(response)).message).toContain('timeouts.first-byte');
  }
});

test('an answer that does not stream has timeouts.whole', async () => {
  const [slow = '', good = ''] = freshKeys(2);
  answers.set(slow, () => new Promise(() => {}));
  await takenOver({ whole: '60ms', 'first-byte': '10ms' }, slow, good);
  expect(await (await send(gateway.url, chat, { model: 'm' })).text()).toContain(good);
});

test('a stream that stops in the middle ends with an error in the protocol of the client, never as a finished answer', async () => {
  for (const call of calls) {
    const [slow = ''] = freshKeys(1);
    let left = 0;
    answers.set(slow, () => silent(content, () => left++));
    await use({ stall: '250ms' }, provider([slow]));
    const text = await (await send(gateway.url, call, { model: 'm', stream: true })).text();
    expect(text).toContain('begun');
    expect(text).toMatch(/broke off before the answer was complete/);
    expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed|"finishReason"/);
    await eventually(() => left === 1);
  }
});

test('a provider may have limits of its own', async () => {
  const [slow = ''] = freshKeys(1);
  answers.set(slow, () => silent(''));
  const own = { providers: { 'openai-compatibility': { 'first-byte': '40ms' } } };
  await use({ 'first-byte': '10m', ...own }, provider([slow]));
  expect((await send(gateway.url, chat, { model: 'm', stream: true })).status).toBe(504);
});

test('a client that leaves ends the call to the upstream at once', async () => {
  for (const text of ['', content]) {
    const [slow = ''] = freshKeys(1);
    let left = 0;
    answers.set(slow, () => silent(text, () => left++));
    await use({}, provider([slow]));
    const leaving = new AbortController();
    const answer = send(gateway.url, chat, { model: 'm', stream: true, signal: leaving.signal }).then(
      (response) => response.text(),
    );
    await eventually(() => upstream.asked.some(({ key }) => key === slow));
    leaving.abort();
    await answer.catch(() => undefined);
    await eventually(() => left === 1);
  }
});

test('an address that takes no connection is given up after timeouts.connect; one that is only slow is not', async () => {
  const script = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  await using child = Bun.spawn(['node', '-e', script], { stdout: 'pipe' });
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  child.kill('SIGSTOP');
  // Connections that nobody accepts fill the queue; the next one gets no answer.
  const waiting = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  try {
    const [unreachable = '', slow = ''] = freshKeys(2);
    answers.set(slow, async (asked) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return named(asked);
    });
    await use(
      { connect: '200ms' },
      provider([unreachable], { 'base-url': `http://127.0.0.1:${port}/v1`, priority: 1 }),
      provider([slow]),
    );
    expect(await (await send(gateway.url, chat, { model: 'm' })).text()).toContain(slow);
  } finally {
    for (const socket of waiting) socket.destroy();
    child.kill('SIGKILL');
  }
});
