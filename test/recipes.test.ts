/** first-hour 15: each recipe of docs/recipes.md, as it stands there, does what it says. Only addresses are replaced. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../src/config/load.ts';
import { isObject, type JsonObject } from '../src/protocols/json.ts';
import { emptyDirectory } from './cli/program.ts';
import { type Asked, chatAnswer, claudeAnswer, responsesAnswer, startUpstream } from './gateway/upstream.ts';
import { clientKey, startTested } from './gateway-harness.ts';

const page = readFileSync(join(import.meta.dir, '../docs/recipes.md'), 'utf8');
const recipes = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf('\n')), /```yaml\n(.*?)```/s.exec(part)?.[1] ?? '']),
);
/** Recipes that have been tried. */
const tried = new Set<string>();

/** The recipe as it is written, each `${NAME}` being `value-of-name`. */
function recipe(title: string): JsonObject {
  tried.add(title);
  const text = (recipes.get(title) ?? '').replace(/\$\{(\w+)\}/g, (_, name) => valueNamed(name));
  const value: unknown = Bun.YAML.parse(text);
  if (!isObject(value)) throw new Error(`there is no recipe "${title}"`);
  return value;
}

function valueNamed(name: string): string {
  return `value-of-${name.toLowerCase()}`;
}

/** The same with every entry of its lists of credentials at this address. */
function at(url: string, settings: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      Array.isArray(value) && key !== 'api-keys'
        ? value.map((entry) => (isObject(entry) ? { ...entry, 'base-url': url } : entry))
        : value,
    ]),
  );
}

function ask(url: string, model: string, key: string = clientKey): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
    tls: { rejectUnauthorized: false },
  });
}

const modelOf = ({ body }: Asked): unknown => JSON.parse(new TextDecoder().decode(body)).model;

test.each([...recipes.keys()])('first-hour 15: %s loads without a warning', (title) => {
  const text = recipes.get(title) ?? '';
  const env = Object.fromEntries(
    [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [name, valueNamed(name)]),
  );
  const result = parseConfig(text, { file: 'config.yaml', env: { HOME: '/nowhere', ...env } });
  expect(result.ok ? result.warnings : result.problems).toEqual([]);
});

test('first-hour 15: OpenRouter under a name of one’s own, with the key', async () => {
  using upstream = startUpstream(() => chatAnswer('fine'));
  await using gateway = await startTested(at(`${upstream.url}/v1`, recipe('OpenRouter')));
  expect((await ask(gateway.url, 'claude-sonnet')).status).toBe(200);
  expect(upstream.asked.map((asked) => [asked.key, modelOf(asked)])).toEqual([
    [valueNamed('OPENROUTER_API_KEY'), 'anthropic/claude-sonnet-4.5'],
  ]);
});

test('first-hour 15: Ollama serves what it lists, without a key', async () => {
  using upstream = startUpstream(({ path }) =>
    path.endsWith('/models') ? Response.json({ data: [{ id: 'llama3.2' }] }) : chatAnswer('fine'),
  );
  await using gateway = await startTested(at(`${upstream.url}/v1`, recipe('Ollama')));
  expect((await ask(gateway.url, 'llama3.2')).status).toBe(200);
});

test('first-hour 15: the key in reserve serves when the first fails, and only then', async () => {
  let fails = false;
  using upstream = startUpstream(({ key }) =>
    fails && key === valueNamed('FIRST_KEY') ? Response.json({}, { status: 429 }) : claudeAnswer('fine'),
  );
  await using gateway = await startTested(at(upstream.url, recipe('Two keys, one in reserve')));
  for (let turn = 0; turn < 3; turn++) expect((await ask(gateway.url, 'claude-opus-5')).status).toBe(200);
  fails = true;
  expect((await ask(gateway.url, 'claude-opus-5')).status).toBe(200);
  const [one, other] = [valueNamed('FIRST_KEY'), valueNamed('SECOND_KEY')];
  expect(upstream.asked.map(({ key }) => key)).toEqual([one, one, one, one, other]);
});

test('first-hour 15: one name falls back to another maker’s model, small requests go elsewhere', async () => {
  using upstream = startUpstream(({ path }) =>
    path.includes('/messages')
      ? Response.json({ error: { message: 'overloaded' } }, { status: 529 })
      : responsesAnswer('fine'),
  );
  await using gateway = await startTested(at(upstream.url, recipe('One name, several models')));
  expect((await ask(gateway.url, 'smart')).status).toBe(200);
  expect((await ask(gateway.url, 'claude-haiku-4-5')).status).toBe(200);
  expect(upstream.asked.map(modelOf)).toEqual(['claude-opus-5', 'gpt-5.6', 'gpt-5.6-mini']);
});

test('first-hour 15: each of a team has a key of his own, with its limits', async () => {
  using upstream = startUpstream(() => claudeAnswer('fine'));
  const settings = {
    ...recipe('Keys for a team'),
    'claude-api-key': [{ 'api-key': 'the-key-of-the-test', 'base-url': upstream.url }],
  };
  await using gateway = await startTested(settings);
  const statuses = async (key: string) => {
    const found: number[] = [];
    for (let turn = 0; turn < 3; turn++) found.push((await ask(gateway.url, 'claude-opus-5', key)).status);
    return found;
  };
  expect(await statuses(valueNamed('ANN_KEY'))).toEqual([200, 200, 429]);
  expect(await statuses(valueNamed('BOB_KEY'))).toEqual([200, 200, 200]);
  expect((await ask(gateway.url, 'claude-opus-5', 'another')).status).toBe(401);
});

test('first-hour 15: for a network it listens everywhere, and asks for the key', async () => {
  using upstream = startUpstream(() => claudeAnswer('fine'));
  const settings = {
    ...recipe('For your network'),
    'claude-api-key': [{ 'api-key': 'the-key-of-the-test', 'base-url': upstream.url }],
  };
  await using gateway = await startTested(settings);
  const url = gateway.url.replace('0.0.0.0', '127.0.0.1');
  expect((await ask(url, 'claude-opus-5', valueNamed('CLIENT_KEY'))).status).toBe(200);
  expect((await ask(url, 'claude-opus-5', 'another')).status).toBe(401);
});

test('first-hour 15: HTTPS with the two files that the line makes', async () => {
  using here = emptyDirectory();
  const [line = ''] = /openssl req [^`]*/.exec(page) ?? [];
  Bun.spawnSync(['sh', '-c', line], { cwd: here.path, stderr: 'ignore' });
  const written = recipe('HTTPS');
  if (!isObject(written.tls)) throw new Error('the recipe has no tls');
  const { cert, key } = written.tls;
  const tls = { ...written.tls, cert: join(here.path, String(cert)), key: join(here.path, String(key)) };
  using upstream = startUpstream(() => claudeAnswer('fine'));
  await using gateway = await startTested({
    tls,
    'claude-api-key': [{ 'api-key': 'the-key-of-the-test', 'base-url': upstream.url }],
  });
  expect(gateway.url).toStartWith('https://');
  expect((await ask(gateway.url, 'claude-opus-5')).status).toBe(200);
});

test('first-hour 15: every recipe of the page is tried here', () => {
  expect([...recipes.keys()].filter((title) => !tried.has(title))).toEqual([]);
});
