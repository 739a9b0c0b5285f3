/**
 * Tools of OpenAI that the client runs (shells, `apply_patch`, the computer): to other protocols they are functions with the
 * schema of their calls' items, and calls of them come back as those items.
 */
import { parseOpaque } from '../exact-numbers.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asObjects, asString } from '../json-members.ts';
import type { ToolCallPart, ToolResultPart } from '../model.ts';
import type { FunctionTool, JsonSchema } from '../request.ts';
import { decodeContent } from './content-decode.ts';
import { toExtra } from './kept-fields.ts';
import type { WireNames } from './tools.ts';

const text = { type: 'string' };
const texts = { type: 'array', items: text };

interface ClientTool {
  description: string;
  parameters: JsonSchema;
  /** The type of a call's item. */
  item: string;
  /** The field of the item with the contents of the arguments. */
  field: 'action' | 'operation' | 'actions';
  /** The value of that field in every call. */
  fixed?: JsonObject;
  /** Its further members. */
  beside?: JsonObject;
}

/** One action of the computer: `ComputerAction` of the SDK. */
const computerAction: JsonSchema = {
  type: 'object',
  properties: {
    type: {
      type: 'string',
      enum: [
        ...['click', 'double_click', 'drag', 'keypress', 'move', 'screenshot', 'scroll', 'type', 'wait'],
      ],
    },
    x: { type: 'integer' },
    y: { type: 'integer' },
    button: { type: 'string', enum: ['left', 'right', 'wheel', 'back', 'forward'] },
    scroll_x: { type: 'integer' },
    scroll_y: { type: 'integer' },
    keys: { ...texts, description: 'keypress: the keys; others: the keys that are held.' },
    text: { ...text, description: 'type: what is typed.' },
    path: {
      type: 'array',
      description: 'drag: the points of the way.',
      items: {
        type: 'object',
        properties: { x: { type: 'integer' }, y: { type: 'integer' } },
        required: ['x', 'y'],
      },
    },
  },
  required: ['type'],
};

/** By the tool's type; schemas as in the SDK's `ResponseOutputItem` (resources/responses/responses.d.ts). */
const clientTools: Record<string, ClientTool> = {
  local_shell: {
    description: 'Runs a command on the local shell of the user.',
    parameters: {
      type: 'object',
      properties: {
        command: { ...texts, description: 'The command and its arguments.' },
        env: { type: 'object', additionalProperties: text },
        timeout_ms: { type: 'integer' },
        user: text,
        working_directory: text,
      },
      required: ['command'],
    },
    item: 'local_shell_call',
    field: 'action',
    fixed: { type: 'exec', env: {} },
  },
  shell: {
    description: 'Runs shell commands on the machine of the user.',
    parameters: {
      type: 'object',
      properties: {
        commands: { ...texts, description: 'The commands, each as one line of the shell.' },
        timeout_ms: { type: 'integer' },
        max_output_length: { type: 'integer' },
      },
      required: ['commands'],
    },
    item: 'shell_call',
    field: 'action',
    fixed: { timeout_ms: null, max_output_length: null },
  },
  apply_patch: {
    description: 'Creates, updates or deletes a file by a V4A diff.',
    parameters: {
      type: 'object',
      properties: {
        type: { type: 'string', enum: ['create_file', 'update_file', 'delete_file'] },
        path: text,
        diff: { type: 'string', description: 'The V4A diff; not for delete_file.' },
      },
      required: ['type', 'path'],
    },
    item: 'apply_patch_call',
    field: 'operation',
  },
  computer: {
    description:
      'Acts on the computer of the user, one action after another; the result is a picture of its screen.',
    parameters: {
      type: 'object',
      properties: { actions: { type: 'array', items: computerAction } },
      required: ['actions'],
    },
    item: 'computer_call',
    field: 'actions',
    beside: { pending_safety_checks: [] },
  },
  computer_use_preview: {
    description: 'Does one action on the computer of the user; the result is a picture of its screen.',
    parameters: computerAction,
    item: 'computer_call',
    field: 'action',
    beside: { pending_safety_checks: [] },
  },
};

/** The tool of this type; undefined for tools that the client does not run. */
function knownTool(type: string): ClientTool | undefined {
  return Object.hasOwn(clientTools, type) ? clientTools[type] : undefined;
}

/** The function that replaces a tool; undefined for tools that the client does not run. A hosted shell's container is the provider's. */
export function decodeClientTool(tool: JsonObject): FunctionTool | undefined {
  const name = asString(tool.type) ?? '';
  const known = knownTool(name);
  const place = asString(asObject(tool.environment)?.type);
  if (known === undefined || (place !== undefined && place !== 'local')) return undefined;
  const { display_width: width, display_height: height, environment } = tool;
  const screen = [
    ...(width && height ? [`Its screen has ${String(width)} × ${String(height)} pixels.`] : []),
    ...(typeof environment === 'string' ? [`Its system: ${environment}.`] : []),
  ];
  const description = [known.description, ...screen].join(' ');
  return {
    type: 'function',
    name,
    description,
    parameters: known.parameters,
    extra: toExtra(undefined, { clientTool: true }),
  };
}

const outputItem = /^(local_shell|shell|apply_patch|computer)_call_output$/;

/** The name of the tool that an item calls: two share the computer's. */
function calledTool(item: JsonObject, names: WireNames): string | undefined {
  const type = asString(item.type) ?? '';
  const able = Object.keys(clientTools).filter((name) => clientTools[name]?.item === type);
  return (
    able.find(names.isClientRun) ?? able.find((name) => item[clientTools[name]?.field ?? ''] !== undefined)
  );
}

/** A call of such a tool; undefined for other items. */
export function decodeClientCall(item: JsonObject, names: WireNames): ToolCallPart | undefined {
  const name = calledTool(item, names);
  const known = name === undefined ? undefined : knownTool(name);
  const id = asString(item.call_id);
  if (name === undefined || known === undefined || id === undefined) return undefined;
  const said =
    known.field === 'actions'
      ? { actions: item.actions ?? (item.action === undefined ? [] : [item.action]) }
      : (item[known.field] ?? asObjects(item.actions)[0] ?? {});
  return {
    type: 'tool-call',
    id,
    name,
    kind: 'function',
    input: JSON.stringify(said),
    ...(item.status === 'incomplete' && { cut: true }),
  };
}

/**
 * The same call for a client of another protocol that an upstream of this one answers: the command of a shell goes to its own
 * one (Claude's `bash`), if it has one; other calls keep the name of their tool. Undefined for other items, and for what the
 * provider ran in a container of its own.
 */
export function foreignClientCall(item: JsonObject, names: WireNames): ToolCallPart | undefined {
  const call = decodeClientCall(item, names);
  if (call === undefined || asObject(item.environment)?.type === 'container_reference') return undefined;
  if (names.shell === undefined || !/shell$/.test(call.name)) return call;
  const action = asObject(item.action) ?? {};
  const commands = Array.isArray(action.commands) ? action.commands.map(String) : [argumentsLine(action)];
  return { ...call, name: names.shell, input: JSON.stringify({ command: commands.join('\n') }) };
}

/** The command and its arguments as a line of the shell. `bash -lc …` is that line already. */
function argumentsLine({ command, working_directory: place }: JsonObject): string {
  const words = Array.isArray(command) ? command.map(String) : [];
  const [shell = '', flag = '', script] = words;
  const isScript = /(^|\/)(ba|z|da)?sh$/.test(shell) && /^-l?c$/.test(flag) && words.length === 3;
  const line = isScript && script !== undefined ? script : words.map(quoted).join(' ');
  return typeof place === 'string' && place !== '' ? `cd ${quoted(place)} && ${line}` : line;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The result of such a call; that of a `local_shell` names the item of the call (`callIds` has its call's id), not the call. */
export function decodeClientOutput(
  item: JsonObject,
  names: WireNames,
  callIds: ReadonlyMap<string, string>,
): ToolResultPart | undefined {
  const kind = outputItem.exec(asString(item.type) ?? '')?.[1];
  const id = asString(item.id);
  const callId = asString(item.call_id) ?? (id === undefined ? undefined : (callIds.get(id) ?? id));
  if (kind === undefined || callId === undefined) return undefined;
  const screen = kind === 'computer' ? asObject(item.output) : undefined;
  const picture = screen && decodeContent({ ...screen, type: 'input_image' }, 'user', 'output');
  const name =
    kind === 'computer' && names.isClientRun('computer_use_preview') ? 'computer_use_preview' : kind;
  return {
    type: 'tool-result',
    callId,
    name,
    kind: 'function',
    content: picture?.type === 'image' ? [picture] : [{ type: 'text', text: outputText(item.output ?? '') }],
    ...(item.status === 'failed' && { isError: true }),
  };
}

/** The output as text: `shell` has one of each command, with its end. */
function outputText(output: Json): string {
  if (typeof output === 'string') return output;
  return asObjects(output)
    .map(({ stdout, stderr, outcome }) => {
      const end = asObject(outcome);
      const code = end?.type === 'exit' ? `exit code ${String(end.exit_code)}` : asString(end?.type);
      return [asString(stdout), asString(stderr), code].filter(Boolean).join('\n');
    })
    .join('\n');
}

/** The item of a call of a client-run tool that another protocol's upstream made; undefined for other calls. */
export function encodeClientCall(part: ToolCallPart, callId: string): JsonObject | undefined {
  const known = knownTool(part.name);
  if (known === undefined) return undefined;
  const input = parseOpaque(part.input);
  const said = isObject(input) ? input : {};
  return {
    type: known.item,
    call_id: callId,
    [known.field]: known.field === 'actions' ? (said.actions ?? []) : { ...known.fixed, ...said },
    ...known.beside,
  };
}

/** What the ids of such a call's items begin with. */
export function clientItemPrefix(name: string): string {
  if (name === 'apply_patch') return 'apc';
  return name.endsWith('shell') ? 'sh' : 'cu';
}
