import { expect, test } from 'bun:test';
import { parseConfig } from '../config/load.ts';
import { createCatalog } from '../credentials/catalog.ts';
import { credentialsFromConfig } from '../credentials/from-config.ts';
import { previewRoutes } from './preview-route.ts';

const result = parseConfig(
  `
gemini-api-key:
  - {api-key: AIzaWork, prefix: work}
  - {api-key: AIzaHome}
openai-compatibility:
  - {name: c, base-url: "http://127.0.0.1:1/v1", api-key-entries: [{api-key: k}], models: [{name: inside, alias: outside}, {name: second}]}
`,
  { file: 'config.yaml', env: { HOME: '/home/ann' } },
);
if (!result.ok) throw new Error(JSON.stringify(result.problems));
const { config } = result;
const catalog = createCatalog(credentialsFromConfig(config), false);

function previews(
  model: string,
  map: Record<string, string[]> = config['quota-exceeded']['preview-models'],
): string[] {
  const route = catalog.route(model);
  if (route === undefined) throw new Error(`nobody serves ${model}`);
  return previewRoutes(route, map, catalog).map((preview) => preview.model);
}

test('the previews of Gemini models are those of the configuration, in its order', () => {
  expect(previews('gemini-2.5-pro')).toEqual(['gemini-3.1-pro-preview', 'gemini-3-pro-preview']);
  expect(previews('gemini-2.5-flash-lite')).toEqual([]);
});

test('a prefix stays', () => {
  expect(previews('work/gemini-2.5-flash')).toEqual(['work/gemini-3-flash-preview']);
});

test("the client's name for the model counts, and the provider's; what nobody serves is left out", () => {
  expect(previews('outside', { outside: ['second', 'nobody-has-it'] })).toEqual(['second']);
  expect(previews('outside', { inside: ['second'] })).toEqual(['second']);
});
