import { afterAll, afterEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelMakers } from '../providers/registry.ts';
import { modelsFileName, openModels } from '../server/models-file.ts';
import { listPrice, modelTraits, shippedRows, useModels } from './known-models.ts';
import { tableText, updatedTable } from './table-update.ts';

const today = '2026-12-15';
const noon = Date.parse(`${today}T12:00:00Z`);
const present = shippedRows();
const directory = mkdtempSync(join(tmpdir(), 'models-'));
afterEach(() => useModels(undefined));
afterAll(() => rmSync(directory, { recursive: true }));

/** As the project publishes it: a list of providers. */
const published = (models: object[]) => JSON.stringify([{ id: 'anthropic', models }]);
const opus = (input: number) => ({
  id: 'claude-opus-5-5',
  match: { equals: 'claude-opus-5-5' },
  prices: { input_mtok: input, output_mtok: 20 },
});

describe('D: updating the table', () => {
  test('prices of known models are renewed, and all other knowledge stays', () => {
    const updated = updatedTable(present, published([opus(3)]), today, modelMakers);
    if (typeof updated === 'string') throw new Error(updated);
    expect(updated).toMatchObject({ added: [], repriced: ['claude-opus-5-5'] });
    useModels(updated.rows);
    expect(listPrice('claude-opus-5-5', noon)).toEqual({ input: 3, output: 20 });
    expect(modelTraits('claude-opus-5-5')?.refused?.parameters).toHaveProperty('temperature');
    expect(updated.rows.length).toBe(present.length);
  });

  test('a new model is what the newest of its family is', () => {
    const fresh = {
      id: 'claude-opus-6',
      match: { or: [{ equals: 'claude-opus-6' }, { equals: 'claude-opus-6-1m' }] },
      prices: { input_mtok: '1', output_mtok: '2' },
    };
    const updated = updatedTable(present, published([fresh]), today, modelMakers);
    if (typeof updated === 'string') throw new Error(updated);
    expect(updated.added).toEqual(['claude-opus-6']);
    useModels(updated.rows);
    expect(listPrice('claude-opus-6-1m', noon)).toEqual({ input: 1, output: 2 });
    expect(modelTraits('claude-opus-6')).toEqual(modelTraits('claude-opus-5-5'));
  });

  test.each([
    [
      published([opus(400)]),
      'its price of claude-opus-5-5 is more than 10 times the present one, or less than a tenth',
    ],
    [tableText(present.slice(1)), `it does not know ${present[0]?.id}`],
    ['{"models":1}', 'it is neither price data of genai-prices nor a table of models'],
    ['hello', 'it is neither price data of genai-prices nor a table of models'],
  ])('%.30s is refused', (text, sentence) => {
    expect(updatedTable(present, text, today, modelMakers)).toContain(sentence);
  });

  test('a table is a table again', () => {
    expect(updatedTable(present, tableText(present), today, modelMakers)).toMatchObject({
      added: [],
      repriced: [],
    });
  });
});

describe('D: the table in the auth-dir', () => {
  const open = async (text: string): Promise<string[]> => {
    writeFileSync(join(directory, modelsFileName), text);
    const warnings: string[] = [];
    await openModels(directory, (sentence) => warnings.push(sentence));
    return warnings;
  };
  const dated = (date: string) =>
    tableText(present.map((row) => ({ ...row, date, prices: [{ input: 7, output: 7 }] })));

  test('is in force', async () => {
    expect(await open(dated(today))).toEqual([]);
    expect(listPrice('gpt-5.5', noon)).toEqual({ input: 7, output: 7 });
  });

  test('gives way to a newer program', async () => {
    expect(await open(dated('2026-01-01'))).toEqual([expect.stringContaining('is older than the program')]);
    expect(listPrice('gpt-5.5', noon)).toMatchObject({ input: 5 });
  });

  test('that cannot be read changes nothing, and a warning says why', async () => {
    expect(await open('{"id":"x"}')).toEqual([expect.stringContaining('line 1: x: "maker"')]);
    expect(listPrice('gpt-5.5', noon)).toMatchObject({ input: 5 });
  });
});
