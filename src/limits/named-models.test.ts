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
  expect(askedInBody(bytes(body), { models: true, answer: false }).models).toEqual(names);
});

test.each([
  ['{"model":"models/b"}', ['b']],
  ['{"model":"b"}', ['b']],
  ['{"mod\\u0065l":"b","model":"a"}', ['b']],
  ['{"model":"models/a","contents":[]}', []],
  ['{"model":"a"}', []],
])('M2: %s beside the model a of the address names %p', (body, names) => {
  expect(askedInBody(bytes(body), { models: true, answer: false, inAddress: 'a' }).models).toEqual(names);
});
