/**
 * Tools whose schema Claude knows and that the client runs (`bash_*`, `text_editor_*`, `memory_*`, `computer_*`): to other protocols they are functions
 * with their documented input. Their calls are `tool_use` blocks like any other.
 */

import type { JsonObject } from '../json.ts';
import { asString } from '../json-members.ts';
import type { FunctionTool, JsonSchema } from '../request.ts';
import { decodeCache } from './content-decode.ts';
import { protocol } from './kept-fields.ts';

const text = { type: 'string' };

const point = { type: 'array', items: { type: 'integer' } };

/** What the commands of an editor take beside a path. */
const editing: JsonObject = {
  file_text: { ...text, description: 'create: the content of the file.' },
  old_str: { ...text, description: 'str_replace: what is replaced.' },
  new_str: { ...text, description: 'str_replace: what replaces it.' },
  insert_line: { type: 'integer', description: 'insert: the line behind which; 0 is the beginning.' },
  insert_text: { ...text, description: 'insert: the new lines.' },
  view_range: { type: 'array', items: { type: 'integer' }, description: 'view: first and last line.' },
};

/** platform.claude.com/docs/en/agents-and-tools/tool-use/bash-tool, and text-editor-tool, memory-tool, computer-use-tool beside it. */
const clientTools: [prefix: string, description: string, parameters: JsonSchema][] = [
  [
    'bash_',
    'Runs a command in a bash session that persists between calls.',
    {
      type: 'object',
      properties: {
        command: { ...text, description: 'The command; needed unless restart is true.' },
        restart: { type: 'boolean', description: 'Restarts the session.' },
      },
    },
  ],
  [
    'text_editor_',
    'Views, creates and edits text files.',
    {
      type: 'object',
      properties: {
        command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert'] },
        path: { ...text, description: 'The file or directory.' },
        ...editing,
        old_str: { ...text, description: 'str_replace: what is replaced; it must occur once.' },
      },
      required: ['command', 'path'],
    },
  ],
  [
    'memory_',
    'Keeps notes as files below /memories, which later conversations find again. Look there before you begin.',
    {
      type: 'object',
      properties: {
        command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
        path: { ...text, description: 'The file or directory, below /memories; not for rename.' },
        ...editing,
        old_path: { ...text, description: 'rename: where it is.' },
        new_path: { ...text, description: 'rename: where it goes.' },
      },
      required: ['command'],
    },
  ],
  [
    'computer_',
    'Acts on the computer of the user; the result is a picture of its screen.',
    {
      type: 'object',
      properties: {
        action: {
          type: 'string',
          enum: [
            ...['key', 'type', 'mouse_move', 'left_click', 'left_click_drag', 'right_click', 'middle_click'],
            ...['double_click', 'triple_click', 'screenshot', 'cursor_position', 'left_mouse_down'],
            ...['left_mouse_up', 'scroll', 'hold_key', 'wait', 'zoom'],
          ],
        },
        coordinate: { ...point, description: 'x and y, in pixels.' },
        start_coordinate: { ...point, description: 'left_click_drag: where it begins.' },
        text: {
          ...text,
          description: 'type: the text; key and hold_key: the keys; clicks: the key that is held.',
        },
        duration: { type: 'number', description: 'hold_key and wait: seconds.' },
        scroll_direction: { type: 'string', enum: ['up', 'down', 'left', 'right'] },
        scroll_amount: { type: 'integer' },
        region: { ...point, description: 'zoom: x and y of two corners.' },
      },
      required: ['action'],
    },
  ],
];

/** The function that replaces a tool of this type; undefined for tools that the provider runs. */
export function decodeClientTool(tool: JsonObject, type: string): FunctionTool | undefined {
  const found = clientTools.find(([prefix]) => type.startsWith(prefix));
  const name = asString(tool.name);
  if (found === undefined || name === undefined) return undefined;
  const [, words, parameters] = found;
  const { display_width_px: width, display_height_px: height } = tool;
  const isSized = typeof width === 'number' && typeof height === 'number';
  const screen = isSized ? ` The screen has ${width} × ${height} pixels.` : '';
  const description = words + screen;
  const cache = decodeCache(tool.cache_control);
  return {
    type: 'function',
    name,
    description,
    parameters,
    ...(cache !== undefined && { cache }),
    extra: { protocol, fields: {}, originalForm: { block: tool } },
  };
}
