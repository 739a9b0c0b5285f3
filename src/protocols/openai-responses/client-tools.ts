/**
 * Tools of OpenAI that the client runs (`local_shell`, `shell`, `apply_patch`): to other protocols they are functions with the
 * schema of their calls' items, and calls of them come back as those items.
 */
import { asObject, asObjects, asString, isObject, type Json, type JsonObject, parseJson } from '../json.ts';
import type { FunctionTool, JsonSchema, ToolCallPart, ToolResultPart } from '../model.ts';
import { ownOf, toExtra } from './native.ts';

const text = { type: 'string' };
const texts = { type: 'array', items: text };

interface ClientTool {
  description: string;
  parameters: JsonSchema;
  /** The field of a call's item that holds what the arguments say. */
  field: 'action' | 'operation';
  /** What that field says in every call. */
  fixed?: JsonObject;
}

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
    field: 'operation',
  },
};

/** The function that stands for a tool; undefined for tools that the client does not run. A hosted shell's container is the provider's. */
export function decodeClientTool(tool: JsonObject): FunctionTool | undefined {
  const name = asString(tool.type) ?? '';
  const known = Object.hasOwn(clientTools, name) ? clientTools[name] : undefined;
  const place = asString(asObject(tool.environment)?.type);
  if (known === undefined || (place !== undefined && place !== 'local')) return undefined;
  const { description, parameters } = known;
  return { type: 'function', name, description, parameters, extra: toExtra(undefined, { clientTool: tool }) };
}

const callItem = /^(local_shell|shell|apply_patch)_call$/;
const outputItem = /^(local_shell|shell|apply_patch)_call_output$/;

/** A call of such a tool in the history; undefined for other items, and for calls that the provider ran. */
export function decodeClientCall(item: JsonObject): ToolCallPart | undefined {
  const name = callItem.exec(asString(item.type) ?? '')?.[1] ?? '';
  const known = clientTools[name];
  const id = asString(item.call_id);
  if (known === undefined || id === undefined) return undefined;
  return {
    type: 'tool-call',
    id,
    name,
    kind: 'function',
    input: JSON.stringify(item[known.field] ?? {}),
    extra: toExtra(undefined, { clientItem: item }),
  };
}

/** The result of such a call. */
export function decodeClientOutput(item: JsonObject): ToolResultPart | undefined {
  const name = outputItem.exec(asString(item.type) ?? '')?.[1];
  const callId = asString(item.call_id) ?? asString(item.id);
  if (name === undefined || callId === undefined) return undefined;
  return {
    type: 'tool-result',
    callId,
    name,
    kind: 'function',
    content: [{ type: 'text', text: outputText(item.output ?? '') }],
    ...(item.status === 'failed' && { isError: true }),
    extra: toExtra(undefined, { search: item }),
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

/** The item of a call of a client-run tool: its own, or the one for a call that another protocol's upstream made. */
export function encodeClientCall(
  part: ToolCallPart,
  callId: string,
  declared: boolean,
): JsonObject | undefined {
  const own = asObject(ownOf(part.extra)?.spelling.clientItem);
  if (own !== undefined) return own;
  const known = declared && Object.hasOwn(clientTools, part.name) ? clientTools[part.name] : undefined;
  if (known === undefined) return undefined;
  const said = parseJson(part.input);
  return {
    type: `${part.name}_call`,
    call_id: callId,
    [known.field]: { ...known.fixed, ...(isObject(said) ? said : {}) },
  };
}
