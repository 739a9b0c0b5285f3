/**
 * `npm run models`: writes the table of models, `src/models/table.jsonl`, from the price data in `models/genai-prices.json`
 * and the exceptions in `models/exceptions.ts`.
 *
 *   --from FILE   price data of another file takes the place of the copy first
 *   --network     … or what the project genai-prices publishes now
 *   --check       writes nothing; fails when the table is not what would be written
 *   --check-age   writes nothing; fails when the price data is older than 60 days (for releases)
 */
import { parseArgs } from 'node:util';
import { plainName, possibleNames } from '../src/models/model-name.ts';
import { isPricedTier, type ModelRow, rowLine } from '../src/models/model-row.ts';
import { familyOf } from '../src/models/model-table.ts';
import { publishedPrices } from '../src/models/price-download.ts';
import { type PricedModel, readPriceSource } from '../src/models/price-source.ts';
import type { Json, JsonObject } from '../src/protocols/json.ts';
import { asObject, asObjects, asString } from '../src/protocols/json-members.ts';
import { matchesPattern } from '../src/providers/pattern.ts';
import { modelMakers } from '../src/providers/registry.ts';
import { type Exception, exceptions, type OwnRow, ownRows } from './models/exceptions.ts';

/** The table must not be older than this at a release, in days. */
const freshDays = 60;

const table = `${import.meta.dir}/../src/models/table.jsonl`;
const copy = `${import.meta.dir}/models/genai-prices.json`;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    network: { type: 'boolean' },
    check: { type: 'boolean' },
    'check-age': { type: 'boolean' },
  },
});

const today = new Date().toISOString().slice(0, 10);
if (values.from !== undefined) await keepCopy(await Bun.file(values.from).json(), values.from);
else if (values.network)
  await keepCopy(await publishedPrices(fetch), 'github.com/pydantic/genai-prices, MIT');

const source: JsonObject = await Bun.file(copy).json();
const date = asString(source.date) ?? '';
if (values['check-age']) checkAge();
const text = `${rows(date).map(rowLine).join('\n')}\n`;
const present = await Bun.file(table)
  .text()
  .catch(() => '');
if (values.check) {
  if (text !== present) fail('src/models/table.jsonl is stale: run "npm run models"');
} else if (text !== present && !values['check-age']) {
  await Bun.write(table, text);
  console.log(`wrote src/models/table.jsonl: ${text.split('\n').length - 1} models, prices of ${date}`);
}

function checkAge(): void {
  const days = Math.floor((Date.parse(today) - Date.parse(date)) / 86_400_000);
  if (!(days <= freshDays))
    fail(
      `The prices of models are ${days} days old, more than ${freshDays}: run "npm run models -- --network".`,
    );
}

function fail(sentence: string): void {
  console.error(sentence);
  process.exitCode = 1;
}

function rows(day: string): ModelRow[] {
  const priced = readPriceSource(source, day, modelMakers) ?? [];
  const byId = new Map(priced.map((model) => [model.id, model]));
  // What is written by hand until the price data has it gives way to that.
  const written = ownRows.filter(({ id, price }) => price === undefined || !byId.has(id));
  const own = new Map(written.map((row) => [row.id, row]));
  const found = priced
    .filter(({ id }) => !own.has(id))
    .map((model) => rowOf(model, [`genai-prices: ${model.maker}`], day, own));
  for (const row of written) found.push(rowOf(ownModel(row, byId), [row.source], day, new Map()));
  return found.sort((left, right) =>
    left.maker === right.maker ? (left.id < right.id ? -1 : 1) : left.maker < right.maker ? -1 : 1,
  );
}

function ownModel(row: OwnRow, byId: ReadonlyMap<string, PricedModel>): PricedModel {
  const like = row.like === undefined ? undefined : byId.get(row.like);
  if (row.like !== undefined && like === undefined) throw new Error(`${row.id}: there is no row ${row.like}`);
  return {
    maker: like?.maker ?? row.maker ?? '',
    id: row.id,
    names: [...(row.names ?? [])],
    ...(like?.context !== undefined && { context: like.context }),
    prices: row.price === undefined ? (like?.prices ?? []) : [row.price],
  };
}

function rowOf(
  model: PricedModel,
  sources: string[],
  day: string,
  own: ReadonlyMap<string, OwnRow>,
): ModelRow {
  const others = new Set([...own.values()].flatMap(({ id, names }) => [id, ...(names ?? [])].map(plainName)));
  const said = exceptions.filter(({ models }) => models.some((pattern) => matchesPattern(model.id, pattern)));
  const last = <K extends keyof Exception>(field: K): Exception[K] | undefined =>
    said.findLast((exception) => exception[field] !== undefined)?.[field];
  const [inputs, thinking, refused] = [last('inputs'), last('thinking'), last('refused')];
  const [prefill, toolsOverChat, mostOverChat] = [
    last('prefill'),
    last('toolsOverChat'),
    last('mostOverChat'),
  ];
  const context = last('context') ?? model.context;
  const limit = last('output');
  const output = limit === 'context' ? context : limit;
  return {
    id: model.id,
    names: model.names.filter((name) => !possibleNames(name).some((possible) => others.has(possible))),
    maker: model.maker,
    family: last('family') ?? familyOf(model.id),
    ...(context !== undefined && { context }),
    ...(output !== undefined && { output }),
    ...(inputs !== undefined && { inputs }),
    ...(thinking !== undefined && { thinking }),
    ...(refused !== undefined && Object.keys(refused.parameters).length > 0 && { refused }),
    ...(prefill !== undefined && { prefill }),
    ...(toolsOverChat !== undefined && { toolsOverChat }),
    ...(mostOverChat !== undefined && { mostOverChat }),
    prices: model.prices,
    sources: [...new Set([...sources, ...said.map((exception) => exception.source)])],
    date: day,
  };
}

/** Keeps what the table needs of price data, a model a line, as of today. */
async function keepCopy(data: Json, from: string): Promise<void> {
  if (readPriceSource(data, today, modelMakers) === undefined)
    throw new Error(`${from} is not price data of genai-prices`);
  const named = asObject(asObject(data)?.providers);
  const providers =
    named === undefined
      ? asObjects(data).map((provider): [string, JsonObject] => [asString(provider.id) ?? '', provider])
      : Object.entries(named).map(([name, provider]): [string, JsonObject] => [
          name,
          asObject(provider) ?? {},
        ]);
  const kept = providers
    .filter(
      ([name]) =>
        readPriceSource({ providers: { [name]: { models: [] } } }, today, modelMakers)?.length === 0,
    )
    .map(([name, { models }]) => {
      const lines = asObjects(models).map(({ id, match, context_window, prices, price_variants }) => {
        const variants = asObjects(price_variants).filter(({ when }) => {
          const said = asObject(when);
          return isPricedTier(said?.service_tier ?? said?.speed ?? said?.processing);
        });
        const kept = { id, match, context_window, prices };
        return JSON.stringify(variants.length > 0 ? { ...kept, price_variants: variants } : kept);
      });
      return `${JSON.stringify(name)}: {"models": [\n${lines.join(',\n')}\n]}`;
    });
  const head = `"source": ${JSON.stringify(asString(asObject(data)?.source) ?? from)},\n"date": ${JSON.stringify(today)}`;
  await Bun.write(copy, `{\n${head},\n"providers": {\n${kept.join(',\n')}\n}\n}\n`);
}
