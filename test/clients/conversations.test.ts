import { describe, expect, test } from 'bun:test';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';
import type { Settings, ToolSpec } from './conversation.ts';
import { type Pairing, pairings } from './official.ts';

const { gateway } = await overSandbox();

function open({ client, upstream, stream }: Pairing, more: Partial<Settings> = {}) {
  return client.open({ url: gateway.url, key: clientKey, model: modelOver[upstream], stream, ...more });
}

const tools: ToolSpec[] = [
  {
    name: 'weather',
    description: 'The weather in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
      required: ['city', 'days'],
    },
  },
  {
    name: 'clock',
    description: 'The time in a zone.',
    parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
  },
];

/** A PNG of one pixel. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Protocols that can mark the result of a tool as failed. */
const marksFailure = ['anthropic-messages', 'gemini'];

describe.each(pairings)('$title', (pairing) => {
  const { client, upstream } = pairing;

  test('system text and every turn arrive, and the answer comes back', async () => {
    const conversation = open(pairing, { system: 'Be brief. – “Kürze”' });
    expect(await conversation.say('Good morning')).toEqual({
      text: 'Hello from the sandbox! You said: "Good morning"',
      calls: [],
      finish: 'stop',
      usage: { input: expect.any(Number), output: expect.any(Number) },
    });
    expect((await conversation.say('say system')).text).toBe('The system text is: "Be brief. – “Kürze”"');
    const turns = (await conversation.say('say turns')).text.replaceAll('model', 'assistant');
    expect(turns.replaceAll(/(system|developer), /g, '')).toBe(
      'The turns are: user, assistant, user, assistant, user',
    );
  });

  test('tools are called in parallel, their results go back, one of them failed, and the conversation goes on', async () => {
    const conversation = open(pairing, { tools });
    const asked = await conversation.say('call weather and clock');
    expect(asked.calls.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'weather', input: { city: 'sandbox', days: 1 } },
      { name: 'clock', input: { zone: 'sandbox' } },
    ]);
    expect(asked.finish).toBe('tool-calls');
    expect(new Set(asked.calls.map(({ id }) => id)).size).toBe(2);
    const answered = await conversation.give([
      { text: '18 degrees' },
      { text: 'no such zone', isError: true },
    ]);
    const failed = marksFailure.includes(client.protocol) && marksFailure.includes(upstream);
    expect(answered.text).toBe(
      `weather answered: "18 degrees" clock ${failed ? 'failed' : 'answered'}: "no such zone"`,
    );
    expect(answered.finish).toBe('stop');
    expect((await conversation.say('Thanks')).text).toBe('Hello from the sandbox! You said: "Thanks"');
  });

  test('the same tool twice and text before the calls keep apart', async () => {
    const conversation = open(pairing, { tools });
    const { text, calls } = await conversation.say('then call clock and clock');
    expect(text).toBe('I am going to call clock and clock.');
    expect(calls.map(({ name }) => name)).toEqual(['clock', 'clock']);
    const answered = await conversation.give([{ text: 'noon' }, { text: 'midnight' }]);
    expect(answered.text).toBe('clock answered: "noon" clock answered: "midnight"');
  });

  test('an image arrives', async () => {
    const { text } = await open(pairing).say('What is this?', pixel);
    expect(text).toBe(
      `Hello from the sandbox! You said: "What is this?" I see an image/png of ${Buffer.from(pixel, 'base64').length} bytes.`,
    );
  });

  test('the answer stops at a stop sequence, where the protocols have them', async () => {
    // Responses has no stop sequences: its client cannot ask, its upstream cannot stop.
    const stops = client.protocol !== 'openai-responses' && upstream !== 'openai-responses';
    const told = await open(pairing, { stop: ['HALT'] }).say('repeat: one two HALT three');
    expect({ text: told.text.trim(), finish: told.finish }).toEqual({
      text: stops ? 'one two' : 'one two HALT three',
      finish: 'stop',
    });
  });

  test('the answer ends at the length that was asked for, and says so', async () => {
    const told = await open(pairing, { maxTokens: 16 }).say('say 50 words');
    expect(told.finish).toBe('length');
    expect(told.usage.output).toBe(16);
    expect(told.text).toBe(Array.from({ length: 16 }, (_, i) => `word${i + 1}`).join(' '));
  });

  test('token counts come back', async () => {
    const { usage } = await open(pairing, { system: 'Be brief.' }).say('say 20 words');
    expect(usage.output).toBe(20);
    expect(usage.input).toBeWithin(4, 40);
  });

  test('a refusal is told as text or as a refusal, and ends the answer', async () => {
    const told = await open(pairing).say('please refuse');
    expect(['stop', 'refusal']).toContain(told.finish);
  });
});

test('streamed and whole answers are the same answer', async () => {
  for (const pairing of pairings.filter(({ stream }) => stream)) {
    const sayings = [
      'Hello',
      'then call weather and clock',
      'say 30 words',
      'repeat: "quotes" \\ and\nnew lines 😀',
    ];
    for (const said of sayings) {
      const [streamed, whole] = await Promise.all(
        [true, false].map((stream) => open({ ...pairing, stream }, { tools }).say(said)),
      );
      const comparable = (told: typeof whole) => ({
        ...told,
        calls: told?.calls.map(({ name, input }) => ({ name, input })),
      });
      expect([pairing.title, said, comparable(streamed)]).toEqual([pairing.title, said, comparable(whole)]);
    }
  }
});
