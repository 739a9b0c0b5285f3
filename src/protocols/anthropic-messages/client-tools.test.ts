import { expect, test } from 'bun:test';
import { decodeClientTool } from './client-tools.ts';

const computer = { type: 'computer_20251124', name: 'computer' };

test('the size of the screen stands in the description of the computer tool', () => {
  const tool = decodeClientTool(
    { ...computer, display_width_px: 1920, display_height_px: 1080 },
    computer.type,
  );
  expect(tool?.description).toEndWith(' The screen has 1920 × 1080 pixels.');
});

test.each([[{ toString: 1 }], [[1080, { toString: {} }]], ['1080'], [null]])(
  'a size of %j is left out',
  (size) => {
    const tool = decodeClientTool(
      { ...computer, display_width_px: 1920, display_height_px: size },
      computer.type,
    );
    expect(tool?.description).not.toContain('pixels');
  },
);
