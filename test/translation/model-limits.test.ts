/** What models refuse and have not, by every client's protocol, over every upstream's, in every way their names are written. */
import { describe, expect, test } from 'bun:test';
import { translateRequest } from '../../src/gateway/translate-request.ts';
import { shippedRows } from '../../src/models/known-models.ts';
import type { ModelRow } from '../../src/models/model-row.ts';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { factsNames } from '../facts.ts';
import { at, greeting } from './feature.ts';

function translated(from: Protocol, to: Protocol, model: string, more: JsonObject, stream = false) {
  const body = new TextEncoder().encode(JSON.stringify({ ...greeting[factsNames[from]], ...more }));
  return translateRequest(body, { from, to, model, stream });
}

/** Every sampling parameter that the client's protocol has. */
const sampling: Record<Protocol, JsonObject> = {
  'openai-chat': {
    temperature: 0.2,
    top_p: 0.9,
    top_k: 5,
    stop: ['END'],
    presence_penalty: 0.5,
    frequency_penalty: 0.5,
    logprobs: true,
    n: 2,
  },
  'openai-responses': { temperature: 0.2, top_p: 0.9, top_logprobs: 2 },
  'anthropic-messages': { temperature: 0.2, top_p: 0.9, top_k: 5, stop_sequences: ['END'] },
  gemini: {
    generationConfig: {
      temperature: 0.2,
      topP: 0.9,
      topK: 5,
      stopSequences: ['END'],
      presencePenalty: 0.5,
      frequencyPenalty: 0.5,
      candidateCount: 2,
    },
  },
};

/** Where each upstream's words have it. */
const places: Record<Protocol, Record<string, string>> = {
  'openai-chat': {
    temperature: 'temperature',
    top_p: 'top_p',
    top_k: 'top_k',
    stop: 'stop',
    presence_penalty: 'presence_penalty',
    frequency_penalty: 'frequency_penalty',
    logprobs: 'logprobs',
    n: 'n',
  },
  'openai-responses': { temperature: 'temperature', top_p: 'top_p', logprobs: 'top_logprobs' },
  'anthropic-messages': {
    temperature: 'temperature',
    top_p: 'top_p',
    top_k: 'top_k',
    stop: 'stop_sequences',
  },
  gemini: {
    temperature: 'generationConfig.temperature',
    top_p: 'generationConfig.topP',
    top_k: 'generationConfig.topK',
    stop: 'generationConfig.stopSequences',
    presence_penalty: 'generationConfig.presencePenalty',
    frequency_penalty: 'generationConfig.frequencyPenalty',
    n: 'generationConfig.candidateCount',
  },
};

const refusing = shippedRows().filter(({ refused }) => refused !== undefined);
const pairs = protocols.flatMap((from) =>
  protocols.filter((to) => to !== from).map((to) => [from, to] as const),
);

describe.each(pairs)('A1: %s to %s', (from, to) => {
  test('nothing that a model refuses goes out, and each of it is reported', () => {
    for (const row of refusing)
      for (const stream of [false, true])
        for (const name of [row.id, `maker/${row.id}`, `${row.id}-20261231`, row.id.toUpperCase()])
          expectNothingRefused(row, translated(from, to, name, sampling[from], stream));
  });

  function expectNothingRefused(row: ModelRow, { body, losses }: ReturnType<typeof translated>): void {
    const reported = losses.map(({ field }) => field);
    const asked = Object.keys(places[from]).filter(
      (parameter) => at(sampling[from], places[from][parameter] ?? '') !== undefined,
    );
    for (const parameter of asked.filter((name) => name in (row.refused?.parameters ?? {}))) {
      const place = places[to][parameter];
      if (place !== undefined) expect(at(body, place)).toBeUndefined();
      expect(reported).toContain(parameter);
    }
  }

  test('a model that refuses nothing gets what it got before', () => {
    const more: JsonObject =
      from === 'gemini' ? { generationConfig: { temperature: 0.2 } } : { temperature: 0.2 };
    for (const model of ['gpt-4.1', 'claude-opus-4-6', 'gemini-2.5-pro', 'a-model']) {
      const { body, losses } = translated(from, to, model, more);
      expect(at(body, places[to].temperature ?? '')).toBe(0.2);
      expect(losses).toEqual([]);
    }
  });

  test('a value that says what the model does anyway is no loss', () => {
    const more: JsonObject =
      from === 'gemini' ? { generationConfig: { temperature: 1 } } : { temperature: 1 };
    const { body, losses } = translated(from, to, 'claude-opus-4-8', more);
    expect(at(body, places[to].temperature ?? '') ?? 1).toBe(1);
    expect(losses).toEqual([]);
  });
});

test.each(['gpt-5.1', 'gpt-5.4', 'gpt-5.5'])('A1: %s samples when it does not think', (model) => {
  const more = { temperature: 0.2, reasoning_effort: 'none' };
  const { body, losses } = translated('openai-chat', 'openai-responses', model, more);
  expect(body).toMatchObject({ temperature: 0.2, reasoning: { effort: 'none' } });
  expect(losses).toEqual([]);
});

test('A1: unknown newer models refuse what their predecessors do; names without a version refuse nothing', () => {
  const dropped = (model: string) =>
    translated('openai-chat', 'anthropic-messages', model, { temperature: 0.2 }).losses.map(
      ({ field }) => field,
    );
  expect(dropped('claude-opus-6')).toEqual(['temperature']);
  expect(dropped('claude-sonnet-5-5-20261001')).toEqual(['temperature']);
  expect(dropped('my-claude')).toEqual([]);
});

test('A1: the same protocol keeps what the client says, whatever the model refuses', () => {
  const { body, losses } = translated('openai-chat', 'openai-chat', 'o3', sampling['openai-chat']);
  expect(body).toMatchObject(sampling['openai-chat']);
  expect(losses).toEqual([]);
});

// ---------------------------------------------------------------- effort

/** How each client says an effort. */
const efforts: Record<Protocol, ((effort: string) => JsonObject) | undefined> = {
  'openai-chat': (effort) => ({ reasoning_effort: effort }),
  'openai-responses': (effort) => ({ reasoning: { effort } }),
  'anthropic-messages': (effort) => ({ output_config: { effort } }),
  // Its levels end at `high`.
  gemini: undefined,
};

const wires: Record<Protocol, string> = {
  'openai-chat': 'reasoning_effort',
  'openai-responses': 'reasoning.effort',
  'anthropic-messages': 'output_config.effort',
  gemini: 'generationConfig.thinkingConfig.thinkingLevel',
};

describe.each([...protocols])('A12: %s', (from) => {
  const kept: [string, Protocol, string, Json][] = [
    ['claude-opus-4-7', 'anthropic-messages', 'xhigh', 'xhigh'],
    ['claude-opus-4-8', 'anthropic-messages', 'xhigh', 'xhigh'],
    ['claude-opus-5-5', 'anthropic-messages', 'max', 'max'],
    ['gpt-5.6-sol', 'openai-responses', 'max', 'max'],
    ['gpt-5.6-sol', 'openai-responses', 'ultra', 'ultra'],
    ['gpt-5.6-terra', 'openai-responses', 'max', 'max'],
    ['gpt-6-luna', 'openai-chat', 'xhigh', 'xhigh'],
    ['openai/gpt-6-luna', 'openai-chat', 'max', 'max'],
    ['gpt-6.2-astra', 'openai-responses', 'max', 'max'],
    ['grok-4.6', 'openai-responses', 'xhigh', 'xhigh'],
    ['grok-4.7', 'openai-chat', 'high', 'high'],
    ['kimi-k3', 'openai-chat', 'max', 'max'],
    ['glm-5.3', 'openai-chat', 'low', 'low'],
    ['gpt-6.3', 'openai-responses', 'ultra', 'ultra'],
    ['claude-opus-6', 'anthropic-messages', 'xhigh', 'xhigh'],
    ['kimi-k3.1', 'openai-chat', 'xhigh', 'xhigh'],
    ['gemini-4.1-flash', 'gemini', 'minimal', 'MINIMAL'],
  ];
  test.each(kept)('%s over %s has %s', (model, to, effort, wire) => {
    const said = efforts[from]?.(effort);
    const wishes: [string, JsonObject][] = [[`${model}(${effort})`, {}]];
    if (said !== undefined && from !== to) wishes.push([model, said]);
    for (const [name, more] of wishes) {
      const { body, losses } = translated(from, to, name, more);
      expect(at(body, wires[to])).toBe(wire);
      if (from !== to) expect(losses).toEqual([]);
    }
  });

  const lowered: [string, Protocol, string, Json][] = [
    ['gpt-5.1', 'openai-responses', 'xhigh', 'high'],
    ['gpt-5.5', 'openai-chat', 'max', 'xhigh'],
    ['gpt-5.6-luna', 'openai-responses', 'ultra', 'max'],
    // Over Chat OpenAI answers `max` with 400: livekit/agents#7169, BerriAI/litellm-docs#1173.
    ['gpt-5.6-terra', 'openai-chat', 'max', 'xhigh'],
    ['gpt-6-astra', 'openai-chat', 'max', 'xhigh'],
    ['gpt-6.1-sol', 'openai-chat', 'ultra', 'xhigh'],
    ['gpt-6.2-astra', 'openai-chat', 'minimal', 'low'],
    ['claude-opus-4-6', 'anthropic-messages', 'xhigh', 'high'],
    ['claude-opus-4-8', 'anthropic-messages', 'ultra', 'max'],
    ['claude-opus-4-8', 'anthropic-messages', 'minimal', 'low'],
    ['gemini-3-pro-preview', 'gemini', 'max', 'HIGH'],
    ['gemini-4-argon', 'gemini', 'minimal', 'LOW'],
    ['grok-4.5', 'openai-chat', 'xhigh', 'high'],
  ];
  test.each(lowered)('%s over %s has no %s: the nearest, and a report', (model, to, effort, wire) => {
    if (from === to) return;
    const { body, losses } = translated(from, to, `${model}(${effort})`, {});
    expect(at(body, wires[to])).toBe(wire);
    expect(losses).toMatchObject([{ kind: 'approximated', field: 'reasoning' }]);
  });

  test.each([
    'gemini-3-pro-preview',
    'gemini-3.1-pro-preview',
    'gemini-3-flash-preview',
    'gemini-2.5-pro',
    'gemini-4-argon',
  ])('who asked %s for no thinking sees none', (model) => {
    const { body, losses } = translated(from, 'gemini', `${model}(none)`, {});
    expect(at(body, 'generationConfig.thinkingConfig.includeThoughts')).toBeUndefined();
    expect(at(body, 'generationConfig.thinkingConfig')).toBeDefined();
    if (from !== 'gemini') expect(losses).toMatchObject([{ field: 'reasoning' }]);
  });
});

describe('A12: Gemini Flash from 3.7 on has no level below low', () => {
  const least: Record<Exclude<Protocol, 'gemini'>, JsonObject[]> = {
    'openai-chat': [{ reasoning_effort: 'minimal' }, { reasoning_effort: 'none' }],
    'openai-responses': [{ reasoning: { effort: 'minimal' } }, { reasoning: { effort: 'none' } }],
    'anthropic-messages': [{ thinking: { type: 'disabled' } }, { output_config: { effort: 'minimal' } }],
  };
  const levelOf = (from: Protocol, model: string, more: JsonObject): string =>
    String(at(translated(from, 'gemini', model, more).body, 'generationConfig.thinkingConfig.thinkingLevel'));

  test.each(Object.entries(least))('%s', (client, wishes) => {
    const from = protocols.find((protocol) => protocol === client) ?? 'openai-chat';
    for (const wish of wishes) {
      for (const model of [
        'gemini-3.7-flash',
        'gemini-3.8-flash',
        'gemini-flash-latest',
        'google/gemini-3.8-flash',
      ])
        expect(levelOf(from, model, wish).toLowerCase()).toBe('low');
      for (const model of ['gemini-3.6-flash', 'gemini-3.5-flash', 'gemini-3.5-flash-lite'])
        expect(levelOf(from, model, wish).toLowerCase()).toBe('minimal');
    }
  });
});

test.each([
  ['openai-chat', { reasoning_effort: 'none' }],
  ['anthropic-messages', { thinking: { type: 'disabled' } }],
  ['gemini', { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }],
] as const)('A12: GPT-6 Astra cannot be asked by %s for no thinking, low is asked for', (from, wish) => {
  for (const model of ['gpt-6-astra', 'gpt-6-astra-2026-09-03', 'gpt-7-astra'])
    expect(at(translated(from, 'openai-responses', model, wish).body, 'reasoning.effort')).toBe('low');
  expect(at(translated(from, 'openai-responses', 'gpt-6-sol', wish).body, 'reasoning.effort')).toBe('none');
});

test('A12: tools of GPT-6 Astra over Chat go out as they are: it cannot be told not to think', () => {
  const tools = [{ name: 'f', input_schema: { type: 'object' } }];
  for (const model of ['gpt-6-astra', 'gpt-6.2-astra', 'gpt-6.1-sol']) {
    const asked = translated('anthropic-messages', 'openai-chat', model, {
      tools,
      output_config: { effort: 'high' },
    });
    expect([at(asked.body, 'reasoning_effort'), asked.losses]).toEqual(['high', []]);
  }
});

test.each(['claude-opus-4-7', 'claude-opus-4-8', 'claude-opus-5', 'claude-sonnet-5'])(
  'A12: %s, which must make a call and so does not think, is asked for no more than high',
  (model) => {
    const tools = [
      { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ];
    for (const effort of ['high', 'xhigh', 'max']) {
      const { body, losses } = translated('openai-chat', 'anthropic-messages', model, {
        ...{ tools, tool_choice: 'required', reasoning_effort: effort },
      });
      expect(body).toMatchObject({ thinking: { type: 'disabled' }, output_config: { effort: 'high' } });
      const lowered = effort === 'high' ? [] : [{ kind: 'approximated', field: 'reasoning' }];
      expect(losses).toMatchObject([{ kind: 'dropped', field: 'reasoning' }, ...lowered]);
    }
  },
);
