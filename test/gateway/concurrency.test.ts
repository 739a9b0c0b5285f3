import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { startSandbox } from '../../sandbox/start.ts';
import { officialClients } from '../clients/official.ts';
import { eventually } from '../eventually.ts';
import { clientKey, startTested, type TestedGateway } from '../gateway-harness.ts';
import { refusal } from '../limits/keys.ts';
import { callOf, jsonOf, send } from './calls.ts';
import { type Asked, chatAnswer, startUpstream } from './upstream.ts';

/** Requests that the upstream holds, the oldest first, each with what lets it go. */
const held: { asked: Asked; answer: (response?: Response) => void }[] = [];
const upstream = startUpstream(
  (asked) =>
    new Promise((resolve) => {
      held.push({ asked, answer: (response = chatAnswer(`by ${asked.key}`)) => resolve(response) });
    }),
);
beforeEach(() => {
  held.length = 0;
});
afterAll(() => upstream[Symbol.dispose]());

const chat = callOf('openai-chat');
function serving(entries: object[]) {
  return {
    'openai-compatibility': entries.map((entry, index) => ({
      name: `entry-${index}`,
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': [{ 'api-key': `key-${index}` }],
      models: [{ name: 'm' }],
      ...entry,
    })),
  };
}

function ask(gateway: TestedGateway, text: string, init: RequestInit = {}) {
  return send(gateway.url, chat, { model: 'm', text, ...init });
}
const textOf = ({ asked }: { asked: Asked }) => new TextDecoder().decode(asked.body);

/** The next request that the upstream holds. */
async function next() {
  await eventually(() => held.length > 0);
  const first = held.shift();
  if (first === undefined) throw new Error('nothing is held');
  return first;
}

test('a credential never serves more at a time than it may; the others wait and are served as they came', async () => {
  await using gateway = await startTested(serving([{ concurrency: 2 }]));
  const answers: Promise<Response>[] = [];
  for (let i = 0; i < 8; i++) {
    answers.push(ask(gateway, `number ${i}`));
    if (i < 2) await eventually(() => held.length === i + 1);
  }
  const served: string[] = [];
  for (let i = 0; i < 8; i++) {
    const one = await next();
    served.push(textOf(one));
    expect(held.length).toBeLessThanOrEqual(1);
    one.answer();
  }
  for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
  expect(new Set(served).size).toBe(8);
});

test('while one is full, the others of its tier and then of lower ones serve', async () => {
  await using gateway = await startTested(serving([{ concurrency: 1, priority: 1 }, { concurrency: 1 }, {}]));
  const answers = [ask(gateway, 'first')];
  const first = await next();
  expect(first.asked.key).toBe('key-0');
  answers.push(ask(gateway, 'second'), ask(gateway, 'third'), ask(gateway, 'fourth'));
  const others = [await next(), await next(), await next()];
  expect(others.map(({ asked }) => asked.key)).not.toContain('key-0');
  expect(others.filter(({ asked }) => asked.key === 'key-1').length).toBe(1);
  for (const one of [first, ...others]) one.answer();
  for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
});

test('when too many wait, the next is refused at once and told who is busy', async () => {
  await using gateway = await startTested(serving([{ concurrency: 1, queue: 1 }]));
  const answers = [ask(gateway, 'first')];
  const first = await next();
  const waiting = new AbortController();
  const second = ask(gateway, 'second', { signal: waiting.signal });
  // Whichever of these comes second waits; the other is refused.
  const third = ask(gateway, 'third');
  const refused = await Promise.race([second, third]);
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('1');
  const { message } = chat.errorOf(await jsonOf(refused));
  expect(message).toContain('serve as many requests as they may (concurrency). entry-0: 1 at a time.');
  first.answer();
  (await next()).answer();
  const all = await Promise.all([...answers, second, third]);
  expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
});

test('a client that leaves the queue leaves its place to the next, and one that leaves its answer too', async () => {
  await using gateway = await startTested(serving([{ concurrency: 1 }]));
  const leaving = new AbortController();
  const first = ask(gateway, 'first', { signal: leaving.signal }).catch(() => 'left');
  await next();
  const queued = new AbortController();
  const second = ask(gateway, 'second', { signal: queued.signal }).catch(() => 'left');
  const third = ask(gateway, 'third');
  queued.abort();
  expect(await second).toBe('left');
  leaving.abort();
  expect(await first).toBe('left');
  let one = await next();
  if (!textOf(one).includes('third')) {
    // Both left at once: the gateway may hear of the first before it hears of the second, and then of the second.
    const { signal } = one.asked;
    await eventually(() => signal.aborted);
    one = await next();
  }
  expect(textOf(one)).toContain('third');
  one.answer();
  expect((await third).status).toBe(200);
});

test('a failure gives the place back', async () => {
  await using gateway = await startTested({ ...serving([{ concurrency: 1 }]), 'disable-cooling': true });
  for (const status of [500, 400, 429]) {
    const failing = ask(gateway, 'fails');
    (await next()).answer(Response.json({ error: { message: 'no' } }, { status }));
    expect((await failing).status).toBe(status);
  }
  const after = ask(gateway, 'works');
  (await next()).answer();
  expect((await after).status).toBe(200);
});

describe.each(
  officialClients.flatMap((client) => [false, true].map((stream) => ({ client, stream, name: client.name }))),
)('$name, stream $stream', ({ client, stream }) => {
  test('waits for a place without noticing, and is refused in its own words where none may wait', async () => {
    const sandbox = startSandbox({ pace: 0 });
    const models = [{ name: 'sandbox', alias: 'm' }];
    const entry = (queue: number) => ({
      'claude-api-key': [{ 'api-key': 'k', 'base-url': sandbox.url, models, concurrency: 1, queue }],
    });
    await using gateway = await startTested(entry(16));
    const to = { url: gateway.url, key: clientKey, model: 'm' };
    const told = await Promise.all(
      Array.from({ length: 6 }, () => client.open({ ...to, stream }).say('say 5 words')),
    );
    for (const { usage } of told) expect(usage.output).toBe(5);
    await gateway.reconfigure(serving([{ concurrency: 1, queue: 0 }]));
    const first = ask(gateway, 'first');
    const one = await next();
    const shown = await refusal({ client, stream }, to);
    expect(shown.status).toBe(429);
    expect(shown.message).toContain('serve as many requests as they may');
    one.answer();
    await first;
    await sandbox.stop();
  });
});
