import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isObject, parseJson } from '../../protocols/json.ts';
import { inputItems } from '../../protocols/openai-responses/references.ts';
import { inputOfBody } from './input-items.ts';

const input = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.oneof(fc.record({ role: fc.string(), content: fc.string() }), fc.jsonValue())),
  fc.jsonValue(),
);
const body = fc
  .record({ before: fc.jsonValue(), input, behind: fc.jsonValue(), gap: fc.constantFrom('', ' ', '\n\t') })
  .map(({ gap, ...fields }) => ({ text: `${gap}${JSON.stringify(fields, undefined, gap)}${gap}`, fields }));

test('what a request says is what stands in its bytes under `input`', async () => {
  await fc.assert(
    fc.asyncProperty(body, async ({ text, fields }) => {
      const said = inputOfBody(new TextEncoder().encode(text));
      const parsed = parseJson(JSON.stringify(fields));
      expect(await said.items()).toEqual(inputItems(isObject(parsed) ? parsed.input : undefined));
    }),
  );
});

test.each(['{"in\\u0070ut":"x"}', '{"\\u0069\\u006e\\u0070\\u0075\\u0074":"x"}'])(
  'the name may be written with escapes: %s',
  async (text) => {
    expect(await inputOfBody(new TextEncoder().encode(text)).items()).toEqual([
      { role: 'user', content: 'x' },
    ]);
  },
);

test.each(['', '{}', '[]', '{"input":', '{"input":"never closed', '{"input":7}'])(
  'where there is none it says nothing: %s',
  async (text) => {
    expect(await inputOfBody(new TextEncoder().encode(text)).items()).toEqual([]);
  },
);
