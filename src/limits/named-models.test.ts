import { expect, test } from 'bun:test';
import { askedInBody } from './asked-in-body.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ['{"model":"a","models":["b","c"]}', ['b', 'c']],
  ['{"model":"a","fallbacks":[{"model":"b","max_tokens":5},"c"]}', ['b', 'c']],
  ['{"model":"a","fall\\u0062acks":[{"mod\\u0065l":"b"}]}', ['b']],
  ['{"model":"a","fallbacks":[{"model":"b","model":"c"}]}', ['b', 'c']],
  ['{"model":"a","tools":[{"type":"advisor_20260301","model":"b"},{"type":"function"}]}', ['b']],
  ['{"model":"a","providerOptions":{"gateway":{"models":["b"]}}}', ['b']],
  ['{"model":"a","messages":[{"models":["b"]}],"constructor":["c"],"__proto__":["d"]}', []],
  ['{"model":"a","models":null,"fallbacks":{},"tools":"x","providerOptions":[1]}', []],
  ['{"model":"a","Models":["b"],"FALLBACKS":["c"],"tools":[{"Model":"d"}]}', ['b', 'c', 'd']],
  ['{"model":"a","provider_options":{"gateway":{"models":["b"]}}}', ['b']],
  ['{"model":"a","tools":[{"type":"image_generation","svg":{"model":"b"}}],"svg":{"model":"c"}}', ['b', 'c']],
  ['{"model":"a","plugins":[{"id":"x","model":"b","allowed_models":["c/*"]}]}', ['b', 'c/*']],
  ['{"model":"a","moderation":{"model":"b"}}', ['b']],
  ['{"generationConfig":{"routingConfig":{"manualMode":{"modelName":"b"}}}}', ['b']],
  ['{"generation_config":{"routing_config":{"manual_mode":{"model_name":"b"}}}}', ['b']],
  [
    '{"model":"a","tools":[{"name":"f","input_schema":{"properties":{"model":{"enum":["x"]}},"examples":[{"model":"y"}]}}]}',
    [],
  ],
  ['{"model":"a","tools":[{"type":"function","function":{"name":"f","parameters":{"model":"x"}}}]}', []],
  ['no JSON', []],
  ['', []],
])('M2: %s names %p beside its model', (body, names) => {
  expect(askedInBody(bytes(body), { models: true, answer: false, contentType: null }).models).toEqual(names);
});

test.each([
  ['{"model":"models/b"}', ['b']],
  ['{"model":"b"}', ['b']],
  ['{"mod\\u0065l":"b","model":"a"}', ['b']],
  ['{"model":"models/a","contents":[]}', []],
  ['{"model":"a"}', []],
])('M2: %s beside the model a of the address names %p', (body, names) => {
  expect(
    askedInBody(bytes(body), { models: true, answer: false, inAddress: 'a', contentType: null }).models,
  ).toEqual(names);
});

const form = (...fields: [name: string, value: string][]) =>
  `${fields.map(([name, value]) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--b--\r\n`;

test.each<[what: string, name: string, value: string, found: string[]]>([
  ['brackets', 'svg[model]', 'b', ['b']],
  ['brackets in capitals', 'SVG[Model]', 'b', ['b']],
  ['an empty bracket behind it', 'svg[model][]', 'b', ['b']],
  ['a place in a list', 'tools[0][model]', 'b', ['b']],
  ['a point', 'svg.model', 'b', ['b']],
  ['a letter by its number', 'svg%5Bmo%64el%5D', 'b', ['b']],
  ['JSON', 'svg', ' {"model":"b","models":["c"]}', ['b', 'c']],
  ['a list', 'models[]', 'b', ['b']],
  ['a list of JSON', 'models', '["b","c"]', ['b', 'c']],
  ['fallbacks', 'fallbacks[1][model]', 'b', ['b']],
  ['what the client’s own functions take', 'tools[0][parameters][model]', 'b', []],
  ['a prompt', 'prompt', '{"svg":{"model":"b"}}', []],
])('M2: a form names models beside its own, by %s: %s=%s', (_, name, value, found) => {
  const wants = { models: true, answer: false, contentType: 'multipart/form-data; boundary=b' };
  expect(askedInBody(bytes(form(['model', 'a'], [name, value])), wants).models).toEqual(found);
});
