/** `tool_choice`. */
import type { LossReport } from '../codec.ts';
import { asObject, asObjects, asString, type Json, type JsonObject } from '../json.ts';
import type { Request, Tool, ToolChoice } from '../model.ts';
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
  const run = clientRunName(choice, tools);
  if (run !== undefined) return { type: 'tool', name: run, kind: 'function' };
  if (choice?.type === 'allowed_tools') {
    const entries = asObjects(choice.tools);
    const names = entries.flatMap((tool) =>
      tool.type === 'function' || tool.type === 'custom'
        ? (asString(tool.name) ?? [])
        : (clientRunName(tool, tools) ?? []),
    );
    if (names.length > 0 && names.length === entries.length) {
      return { type: 'allowed', names, required: choice.mode === 'required' };
    }
  }
  return { type: 'native', protocol, value };
}

/** The tool that a choice names by its type, if the client runs it. */
function clientRunName(choice: JsonObject | undefined, tools: readonly Tool[]): string | undefined {
  const type = asString(choice?.type) ?? '';
  // The computer's tool has had three names, all of which choose it.
  const chosen = tools.find(
    ({ name }) => name === type || (type.startsWith('computer') && name.startsWith('computer')),
  );
  return chosen !== undefined && isClientRun(chosen) ? chosen.name : undefined;
}

function isClientRun(tool: Tool): boolean {
  return tool.type === 'function' && ownOf(tool.extra)?.originalForm.clientTool !== undefined;
}

/** Writes a choice. `written` are the upstream's tools: a choice among none is not said. */
export function encodeToolChoice(
  request: Request,
  written: readonly JsonObject[],
  names: WireNames,
  report: LossReport,
): Json | undefined {
  const choice = request.toolChoice;
  if (choice === undefined) return undefined;
  if (choice.type === 'native') {
    report({ kind: 'dropped', field: 'tool_choice', detail: 'the upstream has no such choice' });
    return undefined;
  }
  if (written.length === 0) {
    if (choice.type !== 'none' && choice.type !== 'auto')
      report({ kind: 'dropped', field: 'tool_choice', detail: 'there are no tools' });
    return undefined;
  }
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'tool':
      return namedTool(choice.name, request.tools ?? [], written, names, choice.kind);
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.required ? 'required' : 'auto',
        tools: choice.names.map((name) => namedTool(name, request.tools ?? [], written, names, undefined)),
      };
  }
}

function namedTool(
  name: string,
  tools: readonly Tool[],
  written: readonly JsonObject[],
  names: WireNames,
  kind: 'function' | 'custom' | undefined,
): JsonObject {
  const tool = tools.find((candidate) => candidate.name === name);
  // Other protocols choose their hosted tools by name: here the type is the name.
  if (tool === undefined || tool.type === 'hosted') {
    const hosted = written.find(({ type }) => type === tool?.name || type === name);
    if (hosted !== undefined) return { type: hosted.type ?? name };
  }
  if (tool !== undefined && isClientRun(tool)) return { type: tool.name };
  const custom = tool?.type === 'custom' || (tool === undefined && kind === 'custom');
  return { type: custom ? 'custom' : 'function', ...names.toWire(name) };
}
