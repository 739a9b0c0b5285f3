/** A newer table of models: from price data, or a table that a newer version of the program has. */
import { parseJson } from '../protocols/json.ts';
import { plainName } from './model-name.ts';
import { type ListPrice, type ModelRow, rowLine } from './model-row.ts';
import { entriesOf, familyOf, modelTable, readTable } from './model-table.ts';
import { type PricedMaker, type PricedModel, readPriceSource } from './price-source.ts';

export interface TableUpdate {
  rows: readonly ModelRow[];
  /** Ids. */
  added: readonly string[];
  repriced: readonly string[];
}

/** A price that moves by more than this is believed to be a mistake. */
const mostChange = 10;

/**
 * The table that `text` makes of the present one; a sentence where it is neither a table nor price data, does not know a
 * model that is known, or has a price that moved more than tenfold. `today`: `YYYY-MM-DD`.
 */
export function updatedTable(
  present: readonly ModelRow[],
  text: string,
  today: string,
  makers: readonly PricedMaker[],
): TableUpdate | string {
  const whole = parseJson(text);
  const priced = whole === undefined ? undefined : readPriceSource(whole, today, makers);
  // Prices are validated by reading them as a table.
  const rows = readTable(priced === undefined ? text : tableText(withPrices(present, priced, today)));
  if (typeof rows === 'string')
    return `it is neither price data of genai-prices nor a table of models: ${rows}`;
  const before = new Map(present.map((row) => [row.id, row]));
  const known = new Set(rows.map(({ id }) => id));
  const gone = [...before.keys()].filter((id) => !known.has(id));
  if (gone.length > 0) return `it does not know ${gone.slice(0, 3).join(', ')}`;
  const added: string[] = [];
  const repriced: string[] = [];
  for (const { id, prices } of rows) {
    const old = before.get(id);
    if (old === undefined) added.push(id);
    else if (JSON.stringify(old.prices) !== JSON.stringify(prices)) {
      if (isUnbelievable(old.prices[0], prices[0]))
        return `its price of ${id} is more than ${mostChange} times the present one, or less than a tenth`;
      repriced.push(id);
    }
  }
  return { rows, added, repriced };
}

/** The file's content for the rows. */
export function tableText(rows: readonly ModelRow[]): string {
  return `${rows.map(rowLine).join('\n')}\n`;
}

function isUnbelievable(old: ListPrice | undefined, now: ListPrice | undefined): boolean {
  if (old === undefined || now === undefined) return false;
  return (['input', 'output'] as const).some((field) => {
    const [was, is] = [old[field], now[field]];
    return was > 0 && (is > was * mostChange || is < was / mostChange);
  });
}

/** The rows with the prices of today. New models are what the newest of their family is, until their own row is written. */
function withPrices(present: readonly ModelRow[], priced: readonly PricedModel[], today: string): ModelRow[] {
  const table = modelTable(entriesOf(present));
  const found = new Map(priced.map((model) => [model.id, model]));
  const rows = present.map((row): ModelRow => {
    const model = found.get(row.id);
    return model === undefined ? row : { ...row, prices: model.prices, date: today };
  });
  for (const { maker, id, names, context, prices } of priced) {
    const like = table.find(id);
    if (like?.match === 'same' || rows.some((row) => plainName(row.id) === plainName(id))) continue;
    const { output, inputs, thinking, refused, prefill, toolsOverChat, mostOverChat } = like?.row ?? {};
    rows.push({
      id,
      names,
      maker,
      family: familyOf(id),
      ...(context !== undefined && { context }),
      ...(output !== undefined && { output }),
      ...(inputs !== undefined && { inputs }),
      ...(thinking !== undefined && { thinking }),
      ...(refused !== undefined && { refused }),
      ...(prefill !== undefined && { prefill }),
      ...(toolsOverChat !== undefined && { toolsOverChat }),
      ...(mostOverChat !== undefined && { mostOverChat }),
      prices,
      sources: [`genai-prices: ${maker}`, ...(like === undefined ? [] : [`like ${like.row.id}`])],
      date: today,
    });
  }
  return rows;
}
