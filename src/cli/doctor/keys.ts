import type { Config } from '../../config/schema.ts';
import { type Examined, type Finding, fail, ok, type Subject, skip, unread, warn } from './check.ts';
import { keyAnswers } from './key-answers.ts';

/** Characters below which a client key can be guessed. */
const shortest = 16;

/** The client keys, and the keys of providers. */
export const keyChecks: Subject = async (examined) => {
  if (!examined.isRead) return ['keys.strength', 'keys.budgets', 'keys.answers'].map(unread);
  const { config, now } = examined;
  return [...clientKeys(config), await budgets(config, now), ...(await providerKeys(examined))];
};

function clientKeys(config: Config): Finding[] {
  const keys = config['api-keys'];
  const id = 'keys.strength';
  if (keys.length === 0) return [skip(id, 'There is no client key: only this computer can send requests.')];
  const make = `openssl rand -base64 24, and the result under api-keys`;
  const weak = keys.filter(({ key }) => key.length < shortest);
  const findings: Finding[] = [
    weak.length === 0
      ? ok(id, 'No client key is short enough to be guessed.')
      : warn(id, `${weak.length} of the client keys have fewer than ${shortest} characters.`, make),
  ];
  const names = keys.flatMap(({ name }) => (name === undefined ? [] : [name]));
  findings.push(
    new Set(names).size === names.length
      ? ok('keys.names', 'No two client keys have the same name.')
      : warn(
          'keys.names',
          'Two client keys have the same name: usage cannot distinguish them.',
          'rename one under api-keys',
        ),
  );
  return findings;
}

/** Budgets in money that count nothing of a model: it has no known price. */
async function budgets(config: Config, now: number): Promise<Finding> {
  const id = 'keys.budgets';
  const limited = config['api-keys'].filter(({ limits }) => {
    const { day, month } = limits?.budget ?? {};
    return day?.usd !== undefined || month?.usd !== undefined;
  });
  if (limited.length === 0) return skip(id, 'No client key has a budget in money.');
  const { credentialsFromConfig } = await import('../../credentials/from-config.ts');
  const { createCatalog } = await import('../../credentials/catalog.ts');
  const { mayUseModel } = await import('../../limits/permission.ts');
  const { priceList } = await import('../../usage/price-list.ts');
  const prices = priceList(config.prices, config['model-routes']);
  const catalog = createCatalog(credentialsFromConfig(config), config['force-model-prefix']);
  for (const { id: model, candidates } of catalog.models())
    for (const { name, limits } of limited)
      if (
        mayUseModel(limits ?? {}, model) &&
        candidates.some((candidate) => prices.priceOf(candidate.model, model, now) === undefined)
      )
        return warn(
          id,
          `${name ?? 'A client key'} has a budget in money, and ${model} has no known price: its requests do not count towards the budget.`,
          `prices: {${JSON.stringify(model)}: {input: …, output: …}} in the config`,
        );
  return ok(id, 'What has a budget in money uses models whose prices are known.');
}

/** Whether providers take the keys of the config: each is sent to its own provider, as the gateway would. */
async function providerKeys({ config, online }: Examined): Promise<Finding[]> {
  const id = 'keys.answers';
  if (!online) return [skip(id, 'Only looked at with --online.')];
  const answers = await keyAnswers(config);
  if (answers.length === 0) return [skip(id, 'The config has no key of a provider.')];
  return answers.map(({ label, state, sentence }) => {
    if (state === 'taken') return ok(id, `${label} ${sentence}.`);
    if (state === 'unknown') return skip(id, `${label} ${sentence}.`);
    return fail(id, `${label} ${sentence}.`, 'put a key that is good into the config');
  });
}
