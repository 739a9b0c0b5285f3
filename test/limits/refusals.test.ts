import { afterAll, describe, expect, test } from 'bun:test';
import { officialClients } from '../clients/official.ts';
import { eventually } from '../eventually.ts';
import { chatAnswer, chatStream, startUpstream } from '../gateway/upstream.ts';
import { modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { limitedKeys, refusal } from './keys.ts';

/** Limits that one answer of 200 words uses up, and what the refusal says. */
const limits = [
  { limits: { 'requests-per-minute': 1 }, says: '1 request a minute (limit requests-per-minute)' },
  { limits: { 'tokens-per-minute': 150 }, says: '150 tokens a minute (limit tokens-per-minute)' },
  { limits: { budget: { day: { tokens: 150 } } }, says: '150 tokens a day (limit budget.day.tokens)' },
  { limits: { budget: { month: { tokens: 150 } } }, says: '150 tokens a month (limit budget.month.tokens)' },
  { limits: { budget: { day: { usd: 1.5 } } }, says: '$1.50 a day (limit budget.day.usd)' },
  { limits: { budget: { month: { usd: 1.5 } } }, says: '$1.50 a month (limit budget.month.usd)' },
];

const keys = limitedKeys();
/** Every client, streamed and not, over the protocol that is next to its own: answers are translated. */
const ways = officialClients.flatMap((client, index) =>
  [false, true].map((stream) => ({
    client,
    stream,
    model: Object.values(modelOver)[(index + 1) % 4] ?? '',
    own: modelOver[client.protocol],
    title: `${client.name}${stream ? ', streamed' : ''}`,
  })),
);
const rows = ways.flatMap((way) =>
  limits.map(({ limits: own, says }) => ({
    ...way,
    says,
    key: keys.key(own, 'alice'),
    ownKey: keys.key(own),
  })),
);
const running = ways.map((way) => ({ ...way, key: keys.key({ concurrency: 1 }) }));

const sandbox = sandboxOfTests();
let release = Promise.withResolvers<void>();
const held = startUpstream(async ({ body }) => {
  await release.promise;
  return new TextDecoder().decode(body).includes('"stream":true') ? chatStream('held') : chatAnswer('held');
});
const settings = sandboxModels(sandbox.url);
const compatible = settings['openai-compatibility'];
const gateway = await startTested({
  ...settings,
  'openai-compatibility': [
    ...(Array.isArray(compatible) ? compatible : []),
    { name: 'held', 'base-url': `${held.url}/v1`, models: [{ name: 'held' }] },
  ],
  // A cent for each token of an answer.
  prices: { sandbox: { input: 0, output: 10_000 } },
  'api-keys': keys.entries,
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  held[Symbol.dispose]();
});

describe.each(rows)('$title: $says', ({ client, stream, says, model, own, key, ownKey }) => {
  test.each([
    ['translated', model, key, 'The key alice'],
    ['passed through', own, ownKey, 'This key'],
  ])(
    'lets one answer out, %s, and refuses the next with its name and when it resets',
    async (_, asked, used, whose) => {
      const to = { url: gateway.url, key: used, model: asked };
      const told = await client.open({ ...to, stream }).say('say 200 words');
      expect(told.usage.output).toBe(200);
      const shown = await refusal({ client, stream }, to);
      expect(shown.status).toBe(429);
      expect(shown.message).toContain(`${whose} may use ${says}`);
      expect(shown.message).toMatch(
        /It resets at 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\. Try again in \d+s\./,
      );
      if (client.protocol !== 'gemini') expect(Number(shown.retryAfter)).toBeGreaterThan(0);
    },
  );
});

describe.each(running)('$title: requests at a time', ({ client, stream, key }) => {
  test('a second one is refused while the first runs, and let in when it has ended', async () => {
    release = Promise.withResolvers();
    held.asked.length = 0;
    const to = { url: gateway.url, key, model: 'held' };
    const first = client.open({ ...to, stream }).say('Hello');
    await eventually(() => held.asked.length === 1);
    const shown = await refusal({ client, stream }, to);
    expect(shown.status).toBe(429);
    expect(shown.message).toContain(
      'may use 1 request at a time (limit concurrency) and has used 1. It is free again',
    );
    release.resolve();
    expect((await first).text).toBe('held');
    expect((await client.open({ ...to, stream }).say('Hello')).text).toBe('held');
  });
});
