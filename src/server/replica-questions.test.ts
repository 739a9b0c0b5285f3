import { expect, test } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { type ReplicaQuestions, replicaQuestions } from './replica-questions.ts';
import { sharedEncryption } from './shared-encryption.ts';

const key = 'encryption-key-of-the-tests';

/** Two replicas, and what was published between them. */
function pair(answer: (path: string) => Promise<Response>, keys: readonly [string, string] = [key, key]) {
  const time = fakeClock();
  const published: string[] = [];
  const replicas = new Map<string, ReplicaQuestions>();
  const network = { isUp: true, holds: false };
  for (const [index, replica] of ['one', 'two'].entries())
    replicas.set(
      replica,
      replicaQuestions({
        replica,
        answer,
        sharedEncryption: sharedEncryption(() => keys[index]),
        clock: time,
        messages: {
          async send(to, text) {
            if (!network.isUp) return false;
            published.push(text);
            if (!network.holds) void replicas.get(to)?.take(text);
            return true;
          },
        },
      }),
    );
  const one = replicas.get('one');
  const two = replicas.get('two');
  if (one === undefined || two === undefined) throw new Error('there are no two replicas');
  return { one, two, time, published, network };
}

test('a question is answered with status, type and body, and nobody else can read either', async () => {
  const { one, published } = pair(async (path) =>
    Response.json({ asked: path }, { status: 404, headers: { 'content-disposition': 'inline' } }),
  );
  const asked = await one.ask('two', '/v0/management/requests?count=3', 1000);
  if (!asked.ok) throw new Error(asked.sentence);
  expect(asked.response.status).toBe(404);
  expect(asked.response.headers.get('content-type')).toStartWith('application/json');
  expect(asked.response.headers.get('content-disposition')).toBe('inline');
  expect(await asked.response.json()).toEqual({ asked: '/v0/management/requests?count=3' });
  expect(published).toHaveLength(2);
  expect(published.join()).not.toContain('management');
});

test('who is gone, or has another key, does not answer: the question ends with its time', async () => {
  for (const [to, keys] of [
    ['gone', [key, key]],
    ['two', [key, 'another-key-of-the-tests']],
  ] as const) {
    const { one, time, published } = pair(async () => new Response('x'), keys);
    const asked = one.ask(to, '/', 1500);
    while (published.length === 0) await Bun.sleep(1);
    time.pass(1500);
    expect(await asked).toEqual({ ok: false, sentence: 'it has not answered within 1.5 s' });
    expect(time.scheduled()).toBe(0);
  }
});

test('without Valkey nobody is asked, and nobody waits', async () => {
  const { one, network, time } = pair(async () => new Response('x'));
  network.isUp = false;
  expect(await one.ask('two', '/', 1000)).toMatchObject({
    ok: false,
    sentence: expect.stringContaining('Valkey'),
  });
  expect(time.scheduled()).toBe(0);
});

test('an answer that is too large is an error in words; so is one that could not be made', async () => {
  const noise = crypto.getRandomValues.bind(crypto);
  const large = new Uint8Array(5 * 1024 * 1024);
  for (let at = 0; at < large.length; at += 65_536) noise(large.subarray(at, at + 65_536));
  const { one } = pair(async (path) => {
    if (path === '/large') return new Response(large);
    throw new Error('a secret');
  });
  for (const [path, status, code] of [
    ['/large', 413, 'answer_too_large'],
    ['/broken', 500, 'internal_error'],
  ] as const) {
    const asked = await one.ask('two', path, 1000);
    if (!asked.ok) throw new Error(asked.sentence);
    expect(asked.response.status).toBe(status);
    const text = await asked.response.text();
    expect(text).toContain(code);
    expect(text).not.toContain('a secret');
  }
});

test('a replica answers sixteen questions at a time, and refuses the next at once', async () => {
  const release = Promise.withResolvers<void>();
  const { one, published } = pair(async () => {
    await release.promise;
    return new Response('late');
  });
  const asked = Array.from({ length: 17 }, () => one.ask('two', '/', 60_000));
  while (published.length < 18) await Bun.sleep(1);
  release.resolve();
  const statuses = (await Promise.all(asked)).map((answer) => (answer.ok ? answer.response.status : 0));
  expect(statuses.filter((status) => status === 200)).toHaveLength(16);
  expect(statuses.filter((status) => status === 503)).toHaveLength(1);
});

test('what is no message, or was sent to another, changes nothing', async () => {
  const { one, published } = pair(async () => new Response('x'));
  await one.ask('two', '/', 1000);
  for (const text of ['', 'x', ...published.slice(0, 1)]) await one.take(text);
  expect(published).toHaveLength(2);
});

test('a message that is longer than any of ours is not opened; the longest of ours is', async () => {
  const noise = Buffer.concat(
    Array.from({ length: 15 }, () => crypto.getRandomValues(new Uint8Array(65_536))),
  );
  const { one, published } = pair(async () => new Response(noise));
  const asked = await one.ask('two', '/', 60_000);
  expect(asked.ok && (await asked.response.arrayBuffer()).byteLength).toBe(noise.length);

  let opened = 0;
  const questions = replicaQuestions({
    replica: 'one',
    answer: async () => new Response('x'),
    sharedEncryption: {
      ...sharedEncryption(() => key),
      async open() {
        opened += 1;
        return null;
      },
    },
    clock: fakeClock(),
    messages: { send: async () => true },
  });
  const [, longest = ''] = published;
  await questions.take(longest);
  expect(opened).toBe(1);
  await questions.take(longest.repeat(6));
  expect(opened).toBe(1);
});

test('a question that is published once more is not answered, however often others were asked since', async () => {
  let answered = 0;
  const { one, two, published } = pair(async () => {
    answered += 1;
    return new Response('x');
  });
  await one.ask('two', '/', 60_000);
  const [question = ''] = published;
  await two.take(question);
  expect(answered).toBe(1);
  for (let n = 0; n < 3000; n++) await one.ask('two', '/', 60_000);
  expect(answered).toBe(3001);
  for (const again of published.filter((_, at) => at % 2 === 0)) await two.take(again);
  expect(answered).toBe(3001);
});

test('questions that overtake each other are all answered', async () => {
  const { one, two, published, network } = pair(async () => new Response('x'));
  network.holds = true;
  const asked = Array.from({ length: 10 }, () => one.ask('two', '/', 60_000));
  while (published.length < 10) await Bun.sleep(1);
  network.holds = false;
  for (const question of published.slice(0, 10).reverse()) await two.take(question);
  expect((await Promise.all(asked)).every(({ ok }) => ok)).toBe(true);
});
