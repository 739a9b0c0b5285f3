/** What is known of a model by its name: what it can do, what it refuses, what it costs. */
import type { ModelTraits } from '../protocols/model-traits.ts';
import type { ListPrice, ModelRow } from './model-row.ts';
import { entriesOf, entriesOfLines, type ModelTable, modelTable } from './model-table.ts';
import shipped from './table.jsonl' with { type: 'text' };

let inForce: ModelTable | undefined;

/** The table in force: the shipped one, read when it is first asked, or the one that {@link useModels} put in its place. */
function models(): ModelTable {
  inForce ??= modelTable(entriesOfLines(shipped));
  return inForce;
}

/** The rows that are part of the program. */
export function shippedRows(): readonly ModelRow[] {
  return modelTable(entriesOfLines(shipped)).rows();
}

/** Puts other rows in the place of the shipped ones; undefined puts those back. */
export function useModels(rows: readonly ModelRow[] | undefined): void {
  inForce = rows && modelTable(entriesOf(rows));
  traits.clear();
}

/** The model's row, or undefined; one of a newer model that the table does not know is that of its family's newest. */
export function knownModel(name: string): ModelRow | undefined {
  return models().find(name)?.row;
}

/** Whether the table has a model by exactly this name: unlike names of its family, these are as many as the table's. */
export function isNamedModel(name: string): boolean {
  const row = knownModel(name);
  return row !== undefined && (row.id === name || row.names.includes(name));
}

const traits = new Map<string, ModelTraits | undefined>();
/** Names come from clients, so the memory for them is bounded. */
const rememberedNames = 1024;

/** What a model can do; undefined for models that the table does not know: they get the client's wishes as they are. */
export function modelTraits(name: string): ModelTraits | undefined {
  if (traits.has(name)) return traits.get(name);
  const known = traitsOf(name);
  if (traits.size >= rememberedNames) traits.clear();
  traits.set(name, known);
  return known;
}

function traitsOf(name: string): ModelTraits | undefined {
  const found = models().find(name);
  if (found === undefined) return undefined;
  const { output, thinking, refused, prefill, toolsOverChat, mostOverChat } = found.row;
  const open = (found.match === 'newer' || found.match === 'new-line') && thinking?.kind === 'levels';
  return {
    ...(output !== undefined && { maxOutputTokens: output }),
    ...(thinking !== undefined && { reasoning: open ? { ...thinking, open } : thinking }),
    ...(refused !== undefined && { refused }),
    ...(prefill !== undefined && { prefill }),
    ...(toolsOverChat !== undefined && { toolsOverChat }),
    ...(mostOverChat !== undefined && { mostOverChat }),
  };
}

/**
 * The maker's list price of a model at a time (ms since the epoch). A newer model of a known family has the price of the
 * family's newest, as far as is known; a variant or a line that is unknown has none.
 */
export function listPrice(name: string, at: number): ListPrice | undefined {
  const found = models().find(name);
  if (found === undefined || found.match === 'between' || found.match === 'new-line') return undefined;
  return priceAt(found.row.prices, at);
}

/** The price that is in force at a time. */
function priceAt(prices: readonly ListPrice[], at: number): ListPrice | undefined {
  if (prices.every(({ since }) => since === undefined)) return prices[0];
  const day = new Date(at).toISOString().slice(0, 10);
  return prices.findLast(({ since }) => since === undefined || since <= day);
}
