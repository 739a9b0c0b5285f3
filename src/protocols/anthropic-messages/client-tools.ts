/**
 * Tools whose schema Claude knows and that the client runs (`bash_*`, `text_editor_*`): to other protocols they are functions
 * with their documented input. Their calls are `tool_use` blocks like any other.
 */
import { asString, type JsonObject } from '../json.ts';
import type { FunctionTool, JsonSchema } from '../model.ts';
import { decodeCache } from './block-decode.ts';
import { protocol } from './native.ts';

const text = { type: 'string' };

/** platform.claude.com/docs/en/agents-and-tools/tool-use/bash-tool, and text-editor-tool beside it. */
const clientTools: [prefix: string, description: string, parameters: JsonSchema][] = [
  [
    'bash_',
    'Runs a command in a bash session that persists between calls.',
    {
      type: 'object',
      properties: {
        command: { ...text, description: 'The command; needed unless restart is true.' },
        restart: { type: 'boolean', description: 'Starts the session anew.' },
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
        file_text: { ...text, description: 'create: the content of the file.' },
        old_str: { ...text, description: 'str_replace: what is replaced; it must occur once.' },
        new_str: { ...text, description: 'str_replace: what replaces it.' },
        insert_line: { type: 'integer', description: 'insert: the line behind which; 0 is the beginning.' },
        insert_text: { ...text, description: 'insert: the new lines.' },
        view_range: { type: 'array', items: { type: 'integer' }, description: 'view: first and last line.' },
      },
      required: ['command', 'path'],
    },
  ],
];

/** The function that stands for a tool of this type; undefined for tools that the provider runs. */
export function decodeClientTool(tool: JsonObject, type: string): FunctionTool | undefined {
  const found = clientTools.find(([prefix]) => type.startsWith(prefix));
  const name = asString(tool.name);
  if (found === undefined || name === undefined) return undefined;
  const [, description, parameters] = found;
  const cache = decodeCache(tool.cache_control);
  return {
    type: 'function',
    name,
    description,
    parameters,
    ...(cache !== undefined && { cache }),
    extra: { protocol, fields: {}, spelling: { block: tool } },
  };
}
