import { afterEach, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { shippedModels } from '../../test/shipped-models.ts';
import { knownModel, listPrice, modelTraits, shippedRows, useModels } from './known-models.ts';
import { plainName } from './model-name.ts';
import { readRow, rowLine } from './model-row.ts';
import { entriesOf, modelTable, readTable } from './model-table.ts';

afterEach(() => useModels(undefined));

const table = modelTable(entriesOf(shippedRows()));
const today = Date.parse('2026-11-29T12:00:00Z');

describe('D: a model is found by every name that services give it', () => {
  test.each([
    ['anthropic/claude-opus-4.7', 'claude-opus-4-7'],
    ['anthropic/claude-4.7-opus:beta', 'claude-opus-4-7'],
    ['us.anthropic.claude-opus-4-7-v1:0', 'claude-opus-4-7'],
    ['claude-opus-4-7[1m]', 'claude-opus-4-7'],
    ['claude-opus-4-5@20251101', 'claude-opus-4-5'],
    ['claude-opus-4-6-thinking', 'claude-opus-4-6'],
    ['claude-opus-4-20250514', 'claude-opus-4-0'],
    ['claude-3-5-haiku-20241022', 'claude-3-5-haiku'],
    ['GPT-5-2025-08-07', 'gpt-5'],
    ['gpt-5-chat-latest', 'gpt-5-chat'],
    ['gpt-5.1-chat-latest', 'gpt-5.1-chat'],
    ['gpt-5.6', 'gpt-5.6-sol'],
    ['gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['gpt-4o-2024-08-06', 'gpt-4o'],
    ['o3-mini-high', 'o3-mini'],
    ['models/gemini-3.1-pro-preview', 'gemini-3.1-pro'],
    ['gemini-3.1-pro-preview-customtools', 'gemini-3.1-pro'],
    ['gemini-3-pro-high', 'gemini-3-pro'],
    ['gemini-2.5-flash-preview-09-2025', 'gemini-2.5-flash'],
    ['grok-4-0709', 'grok-4'],
    ['grok-4.20-0309-non-reasoning', 'grok-4.20-non-reasoning'],
    ['moonshotai/kimi-k2.6', 'kimi-k2.6'],
    ['z-ai/glm-5.3', 'glm-5.3'],
    ['qwen/qwen3.6-plus', 'qwen3.6-plus'],
    ['gpt-oss-120b-medium', 'gpt-oss-120b'],
  ])('%s is %s', (name, id) => {
    expect(table.find(name)).toMatchObject({ row: { id }, match: 'same' });
  });

  test('each row is found by its id and its names, whatever their case', () => {
    for (const row of shippedRows())
      for (const name of [row.id, ...row.names, row.id.toUpperCase()])
        expect(table.find(name)?.row.id).toBe(row.id);
  });
});

describe('D: unknown newer models behave like the newest of their family', () => {
  test.each([
    ['claude-opus-6', 'claude-opus-5-5'],
    ['claude-opus-6-20270101', 'claude-opus-5-5'],
    ['claude-sonnet-7', 'claude-sonnet-5-5'],
    ['gpt-6.3', 'gpt-6.2-sol'],
    ['gpt-6.3-sol', 'gpt-6.2-sol'],
    ['gpt-7-nova', 'gpt-6.2-sol'],
    ['gpt-6.2-terra', 'gpt-6.1-terra'],
    ['gpt-7-astra', 'gpt-6.2-astra'],
    ['claude-opus-latest', 'claude-opus-5-5'],
    ['anthropic/claude-haiku-latest', 'claude-haiku-5-5'],
    ['openai/gpt-6.3-luna', 'gpt-6-luna'],
    ['gemini-4.1-flash', 'gemini-3.8-flash'],
    ['gemini-5-argon', 'gemini-4-argon'],
    ['grok-4.9', 'grok-4.7'],
    ['kimi-k3.1', 'kimi-k3'],
    ['glm-5.4', 'glm-5.3'],
    ['qwen3.9-plus', 'qwen3.7-plus'],
  ])('%s is like %s', (name, id) => {
    const found = table.find(name);
    expect(found?.match).toBe('newer');
    expect(found?.row.id).toBe(id);
  });

  test.each(['claude-nova-6', 'claude-nova-1', 'claude-6', 'gemini-robotics-er-2'])(
    '%s is of a line that nobody knows: like the newest of its maker, at a price that nobody knows',
    (name) => {
      const newest = name.startsWith('claude') ? 'claude-opus-5-5' : 'gemini-4-argon';
      expect(table.find(name)).toMatchObject({ match: 'new-line', row: { id: newest } });
      expect(modelTraits(name)?.reasoning).toMatchObject({ open: true });
      expect(listPrice(name, today)).toBeUndefined();
    },
  );

  test('one that is older than all that are known of its line is like the oldest of its generation', () => {
    expect(table.find('claude-mythos-5')).toMatchObject({
      match: 'between',
      row: { id: 'claude-mythos-5-2' },
    });
    expect(table.find('claude-mythos-2')).toBeUndefined();
  });

  test('their wishes for effort go out as they are, and their price is that of the newest', () => {
    expect(modelTraits('gpt-6.3')?.reasoning).toMatchObject({ kind: 'levels', open: true });
    expect(modelTraits('gpt-6.1-sol')?.reasoning).not.toHaveProperty('open');
    expect(listPrice('claude-opus-6', today)).toEqual(listPrice('claude-opus-5-5', today));
  });

  test('4.20 of Grok came before 4.3', () => {
    expect(table.find('grok-4.4')).toMatchObject({ row: { id: 'grok-4.3' }, match: 'between' });
  });

  test.each(['gpt-5-of-tomorrow', 'grok-4.4'])('%s has no price: nobody knows what it is', (name) => {
    expect(listPrice(name, today)).toBeUndefined();
  });

  test.each(['my-claude', 'claude-latest', 'llama-3.3-70b', 'deepseek-r1:7b', 'sandbox-chat', ''])(
    '%p has no version of a known family: nothing is known of it',
    (name) => {
      expect(knownModel(name)).toBeUndefined();
    },
  );

  test('a name of any text is no trouble', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (name) => void table.find(name)));
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.:@/[\]-]{0,80}$/), (name) => {
        const found = table.find(name);
        expect(found === undefined || found.row.id.length > 0).toBe(true);
      }),
    );
  });
});

describe('D: what the table knows', () => {
  const current = [
    'claude',
    'claude-code',
    'gemini',
    'vertex',
    'openai',
    'codex',
    'xai',
    'vertex-account',
    'gemini-cli',
  ].flatMap((provider) => shippedModels[provider] ?? []);

  test('every model that is shipped has a price, or a row that says why not', () => {
    const without = Object.values(shippedModels)
      .flat()
      .filter((model) => listPrice(model, today) === undefined && table.find(model)?.row.prices.length !== 0);
    expect(without).toEqual([]);
    const priceless = shippedRows().filter(({ prices }) => prices.length === 0);
    expect(priceless.map(({ id }) => id)).toEqual(['iflow-rome-30ba3b', 'tstars2.0', 'gpt-5.3-codex-spark']);
  });

  test.each([...new Set(current)])('%s has context, output limit, inputs and thinking', (model) => {
    expect(table.find(model)).toMatchObject({
      match: 'same',
      row: {
        context: expect.any(Number),
        output: expect.any(Number),
        inputs: expect.arrayContaining(['text']),
        thinking: expect.anything(),
      },
    });
  });

  test('every row says where it is from, and no two have one name', () => {
    const names = shippedRows().map(({ id }) => plainName(id));
    expect(new Set(names).size).toBe(names.length);
    expect(shippedRows().filter(({ sources }) => sources.length === 0)).toEqual([]);
  });

  test('prices change on the day that the maker named', () => {
    expect(listPrice('gemini-4-argon', today)).toMatchObject({ input: 2, output: 10 });
    expect(listPrice('gemini-4-argon', Date.parse('2026-12-01T00:00:00Z'))).toMatchObject({
      input: 4,
      output: 20,
    });
  });
});

describe('D: lines of the table', () => {
  test('a row is read as it was written', () => {
    for (const row of shippedRows()) expect(readRow(JSON.parse(rowLine(row)))).toEqual(row);
  });

  test.each([
    ['{"id":1}', 'line 1: "id" must be the name of a model, in lower case'],
    ['x', 'line 1 is not JSON'],
    [
      '{"id":"a","maker":"m","family":"a","date":"2026-01-01","prices":[{"input":-1,"output":2}]}',
      'line 1: a: "prices" must be a list of prices in US dollars for a million tokens, with "input" and "output"',
    ],
    [
      '{"id":"a","maker":"m","family":"a","date":"2026-01-01","prices":[],"refused":{"colour":null}}',
      'line 1: a: "refused" must name parameters of temperature, top_p, top_k, stop, presence_penalty, frequency_penalty, logprobs, n, tool_choice',
    ],
  ])('%s is refused with the field', (line, sentence) => {
    expect(readTable(line)).toBe(sentence);
  });
});
