/** Results of a client's own tool search, which hold the names of what it found. */
import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { sides, translated } from './coverage.ts';

const references = ['mcp__cal__list', 'mcp__cal__add'].map((tool_name) => ({
  type: 'tool_reference',
  tool_name,
}));
const asked: JsonObject = {
  max_tokens: 100,
  tools: [
    { name: 'ToolSearch', input_schema: { type: 'object' } },
    { name: 'mcp__cal__list', input_schema: { type: 'object' }, defer_loading: true },
  ],
  messages: [
    { role: 'user', content: 'look' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'ToolSearch', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: references }] },
  ],
};

describe('A7: the tools that a search found are named in its result', () => {
  test.each(sides.filter((side) => side !== 'anthropic'))('over %s', (side) => {
    const { body, losses } = translated('anthropic', side, asked);
    const conversation = JSON.stringify(body.messages ?? body.input ?? body.contents);
    for (const { tool_name } of references) expect(conversation).toContain(tool_name);
    expect(losses.filter(({ field }) => field.includes('tool_reference'))).toEqual([]);
  });
});
