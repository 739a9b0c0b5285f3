/** Agent loops with thinking: the sandbox refuses thinking that does not come back as its provider gave it. */
import { describe, expect, test } from 'bun:test';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';
import type { ToolSpec } from './conversation.ts';
import { pairings } from './official.ts';

const { gateway } = await overSandbox();

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: ToolSpec[] = ['weather', 'clock'].map((name) => ({ name, description: name, parameters: city }));

describe.each(pairings)('$title', ({ client, upstream, stream }) => {
  test.each(['', ' and think secretly'])(
    'thinks before two calls at once, gets their results, and does it again%s',
    async (secretly) => {
      const settings = { url: gateway.url, key: clientKey, model: modelOver[upstream], stream, tools };
      const conversation = client.open({ ...settings, thinks: true, maxTokens: 20_000 });
      for (const result of ['first', 'second']) {
        const asked = await conversation.say(`call weather and clock${secretly}`);
        expect(asked.calls.map(({ name }) => name)).toEqual(['weather', 'clock']);
        expect(asked.finish).toBe('tool-calls');
        const answered = await conversation.give([{ text: result }, { text: result }]);
        expect(answered.text).toBe(`weather answered: "${result}" clock answered: "${result}"`);
      }
      expect((await conversation.say('Thanks')).text).toBe('Hello from the sandbox! You said: "Thanks"');
    },
  );
});
