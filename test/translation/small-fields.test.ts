/** Fields that say little but kill a request: ids of end users and caches, verbosity, what both APIs of OpenAI have. */
import { describe, expect, test } from 'bun:test';
import { type Loss, lossesInto } from '../../src/protocols/codec.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { codecs } from '../../src/protocols/registry.ts';

const say: Record<Protocol, JsonObject> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { max_tokens: 99, messages: [{ role: 'user', content: 'hi' }] },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
};

/** What a request becomes for a model of another protocol. */
function sent(from: Protocol, fields: JsonObject, to: Protocol, model: string) {
  const losses: Loss[] = [];
  const request = codecs[from].decodeRequest({ ...say[from], ...fields }, { model: 'm', stream: false });
  const body = codecs[to].encodeRequest(request, {
    model,
    stream: false,
    report: lossesInto(losses),
  });
  return { body, losses: losses.map(({ kind, field }) => `${kind}:${field}`) };
}

/** As Claude Code says who is there: more than a hundred characters. */
const long = `{"device_id":"${'a'.repeat(64)}","session_id":"b0b1"}`;

describe('A14: an id of an end user', () => {
  test('of a megabyte is a hash as soon as any other', () => {
    for (const user of ['a'.repeat(1e6), `a@${'b'.repeat(1e6)}`, `${'1'.repeat(1e6)}x`]) {
      const { body } = sent('openai-chat', { user }, 'anthropic-messages', 'claude-opus-4-8');
      expect(body.metadata).toEqual({ user_id: expect.stringMatching(/^[0-9a-f]{64}$/) });
    }
  });

  test('that is too long for OpenAI is a hash there, over both of its APIs', () => {
    for (const to of ['openai-responses', 'openai-chat'] as const) {
      const { body, losses } = sent('anthropic-messages', { metadata: { user_id: long } }, to, 'gpt-5.4');
      expect(body.user).toMatch(/^[0-9a-f]{64}$/);
      expect(losses).toContain('approximated:user');
      expect(sent('anthropic-messages', { metadata: { user_id: long } }, to, 'gpt-5.4').body.user).toBe(
        body.user ?? '',
      );
    }
  });

  test('so is a key of a cache', () => {
    const { body, losses } = sent('openai-chat', { prompt_cache_key: long }, 'openai-responses', 'gpt-5.4');
    expect(body.prompt_cache_key).toMatch(/^[0-9a-f]{64}$/);
    expect(losses).toEqual(['approximated:prompt_cache_key']);
  });

  test.each(['jane@example.com', '+49 170 1234567', 'x'.repeat(257)])(
    '%p is a hash for Claude, who refuses what tells who somebody is',
    (user) => {
      const { body, losses } = sent('openai-chat', { user }, 'anthropic-messages', 'claude-opus-4-8');
      expect(body.metadata).toEqual({ user_id: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(losses).toEqual(['approximated:user']);
    },
  );

  test('that is in order stays what it is', () => {
    for (const from of ['openai-chat', 'openai-responses'] as const)
      for (const field of ['user', 'safety_identifier']) {
        const { body, losses } = sent(from, { [field]: 'u-1' }, 'anthropic-messages', 'claude-opus-4-8');
        expect([body.metadata, losses]).toEqual([{ user_id: 'u-1' }, []]);
      }
  });
});

describe('A14: what both APIs of OpenAI have', () => {
  const fields = {
    user: 'u-1',
    safety_identifier: 's-1',
    prompt_cache_retention: '24h',
    prompt_cache_options: { ttl: '30m' },
  };
  test.each([
    ['openai-chat', 'openai-responses'],
    ['openai-responses', 'openai-chat'],
  ] as const)('goes from %s to %s', (from, to) => {
    const { body, losses } = sent(from, fields, to, 'gpt-5.4');
    expect([body, losses]).toEqual([expect.objectContaining(fields), []]);
  });

  test.each(['anthropic-messages', 'gemini', 'openai-chat'] as const)('goes to no other model: %s', (to) => {
    const { losses } = sent('openai-responses', fields, to, 'deepseek-chat');
    expect(losses.filter((loss) => loss.startsWith('dropped:prompt_cache_')).sort()).toEqual([
      'dropped:prompt_cache_options',
      'dropped:prompt_cache_retention',
    ]);
  });
});

describe('A1: verbosity', () => {
  test.each(['gpt-4.1', 'gpt-4o-mini', 'o3', 'openai/o4-mini', 'gpt-5-chat-latest', 'gpt-5.2-chat-latest'])(
    'goes to %s in no API: it answers 400',
    (model) => {
      const chat = sent('openai-responses', { text: { verbosity: 'low' } }, 'openai-chat', model);
      expect([chat.body.verbosity, chat.losses]).toEqual([undefined, ['dropped:verbosity']]);
      const responses = sent('openai-chat', { verbosity: 'low' }, 'openai-responses', model);
      expect([responses.body.text, responses.losses]).toEqual([undefined, ['dropped:verbosity']]);
    },
  );

  test('goes to GPT-5 and newer over both', () => {
    for (const model of ['gpt-5', 'gpt-5.1-codex', 'gpt-6.2-sol', 'gpt-7']) {
      const chat = sent('openai-responses', { text: { verbosity: 'low' } }, 'openai-chat', model);
      expect([chat.body.verbosity, chat.losses]).toEqual(['low', []]);
      const responses = sent('openai-chat', { verbosity: 'low' }, 'openai-responses', model);
      expect([responses.body.text, responses.losses]).toEqual([{ verbosity: 'low' }, []]);
    }
  });
});

describe('A14: asked for what is so anyway', () => {
  test('a model that does not think is asked for no thinking, and nothing is lost', () => {
    for (const [from, fields] of [
      ['anthropic-messages', { thinking: { type: 'disabled' } }],
      ['gemini', { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }],
      ['openai-responses', { reasoning: { effort: 'none' } }],
    ] as const) {
      const losses: Loss[] = [];
      const request = codecs[from].decodeRequest({ ...say[from], ...fields }, { model: 'm', stream: false });
      const body = codecs['openai-chat'].encodeRequest(request, {
        model: 'gpt-4o',
        stream: false,
        traits: { reasoning: { kind: 'none' } },
        report: lossesInto(losses),
      });
      expect([body.reasoning_effort, losses]).toEqual([undefined, []]);
    }
  });

  test('Google’s filters are switched off where there are none', () => {
    const off = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }];
    const on = [...off, { category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_LOW_AND_ABOVE' }];
    for (const to of ['anthropic-messages', 'openai-chat', 'openai-responses'] as const) {
      expect(sent('gemini', { safetySettings: off }, to, 'm').losses).toEqual([]);
      expect(sent('gemini', { safetySettings: on }, to, 'm').losses).toEqual(['dropped:safetySettings']);
    }
  });
});
