/** `tool_choice`. */
import type { LossReport } from '../codec.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObject, asObjects, asString } from '../json-members.ts';
import type { Request, Tool, ToolChoice } from '../request.ts';
import { ownOf, protocol } from './kept-fields.ts';
import type { WireNames } from './tools.ts';

/** Reads a choice among these tools; one that names a hosted tool is native. */
export function decodeToolChoice(value: Json, tools: readonly Tool[] = []): ToolChoice {
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  const choice = asObject(value);
  const name = asString(choice?.name) ?? asString(asObject(choice?.function)?.name);
  if ((choice?.type === 'function' || choice?.type === 'custom') && name !== undefined) {
    return { type: 'tool', name, kind: choice.type };
  }
  const clientRun = clientRunNames(tools);
  const run = clientRun(choice);
  if (run !== undefined) return { type: 'tool', name: run, kind: 'function' };
  if (choice?.type === 'allowed_tools') {
    const entries = asObjects(choice.tools);
    const names = entries.flatMap((tool) =>
      tool.type === 'function' || tool.type === 'custom'
        ? (asString(tool.name) ?? [])
        : (clientRun(tool) ?? []),
    );
    if (names.length > 0 && names.length === entries.length) {
      return { type: 'allowed', names, required: choice.mode === 'required' };
    }
  }
  return { type: 'native', protocol, value };
}

/** Finds the tool that a choice names by its type, if the client runs it. A choice may name as many as there are. */
function clientRunNames(tools: readonly Tool[]): (choice: JsonObject | undefined) => string | undefined {
  const byName = firstOfName(tools);
  // The computer's tool has had three names, all of which choose it.
  const computer = tools.find(({ name }) => name.startsWith('computer'));
  return (choice) => {
    const type = asString(choice?.type) ?? '';
    const chosen = type.startsWith('computer') ? computer : byName.get(type);
    return chosen !== undefined && isClientRun(chosen) ? chosen.name : undefined;
  };
}

function firstOfName(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  return new Map(tools.toReversed().map((tool) => [tool.name, tool]));
}

function isClientRun(tool: Tool): boolean {
  return tool.type === 'function' && ownOf(tool.extra)?.originalForm.clientTool !== undefined;
}

/** Writes a choice. `written` are the upstream's tools: a choice among none is left out. */
export function encodeToolChoice(
  request: Request,
  written: readonly JsonObject[],
  names: WireNames,
  report: LossReport,
): Json | undefined {
  const choice = request.toolChoice;
  if (choice === undefined) return undefined;
  if (choice.type === 'native') {
    report('dropped', 'tool_choice', 'the upstream has no such choice');
    return undefined;
  }
  if (written.length === 0) {
    if (choice.type !== 'none' && choice.type !== 'auto')
      report('dropped', 'tool_choice', 'there are no tools');
    return undefined;
  }
  const named = toolChooser(request.tools ?? [], written, names);
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'tool':
      return named(choice.name, choice.kind);
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.required ? 'required' : 'auto',
        tools: choice.names.map((name) => named(name, undefined)),
      };
  }
}

/** Writes the choice of a tool by its name. A choice may name as many as there are. */
function toolChooser(
  tools: readonly Tool[],
  written: readonly JsonObject[],
  names: WireNames,
): (name: string, kind: 'function' | 'custom' | undefined) => JsonObject {
  const byName = firstOfName(tools);
  const types = new Set(written.map(({ type }) => type));
  return (name, kind) => {
    const tool = byName.get(name);
    // Other protocols choose their hosted tools by name: here the type is the name.
    if ((tool === undefined || tool.type === 'hosted') && types.has(name)) return { type: name };
    if (tool !== undefined && isClientRun(tool)) return { type: tool.name };
    const custom = tool?.type === 'custom' || (tool === undefined && kind === 'custom');
    return { type: custom ? 'custom' : 'function', ...names.toWire(name) };
  };
}
