/** `tools` and `tool_choice`, and the names under which the upstream knows the client's tools. */
import type { LossReport } from '../codec.ts';
import { calledTool } from '../declared-tool.ts';
import { lackOf, reportSearchSettings, userLocation } from '../hosted-tools.ts';
import { requireArray, requireObject, requireString } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asObjects, asString, asTexts } from '../json-members.ts';
import { openaiParameters } from '../json-schema.ts';
import { openaiFunction } from '../openai-function.ts';
import { fittingStrict } from '../openai-schema.ts';
import type { CustomTool, FunctionTool, HostedTool, HostedToolKind, Request, Tool } from '../request.ts';
import { type NameRule, toolNames } from '../tool-names.ts';
import { decodeClientTool } from './client-tools.ts';
import { ownOf, protocol, toExtra, toolNameRule } from './kept-fields.ts';

/** Joins a namespace and the name of a function in it into a name that is one word in every protocol. */
function qualified(namespace: string, name: string): string {
  return `${namespace}__${name}`;
}

// ---------------------------------------------------------------- reading

/** Reads `tools`. The functions of a namespace become functions of their own, named `namespace__name`. */
export function decodeTools(value: JsonObject['tools'], path: string): Tool[] {
  return requireArray(value, path).flatMap((item, i) =>
    decodeTool(requireObject(item, `${path}.${i}`), `${path}.${i}`),
  );
}

function decodeTool(tool: JsonObject, path: string): Tool[] {
  const type = requireString(tool.type, `${path}.type`);
  switch (type) {
    case 'function':
      return [decodeFunction(tool, path)];
    case 'custom':
      return [decodeCustom(tool, path)];
    case 'namespace':
      return decodeNamespace(tool, path);
    case 'tool_search':
      // Run by the client: to other protocols it is a function like any other.
      if (tool.execution === 'client') return [decodeClientSearch(tool)];
  }
  return [decodeClientTool(tool) ?? decodeHosted(type, tool)];
}

function decodeFunction(tool: JsonObject, path: string): FunctionTool {
  // Chat's spelling, which some clients send here: `{type, function: {name …}}`. With a name beside it the API ignores it.
  const nested = tool.name === undefined ? asObject(tool.function) : undefined;
  return openaiFunction(nested ?? tool, path);
}

function decodeCustom(tool: JsonObject, path: string): CustomTool {
  return {
    type: 'custom',
    name: requireString(tool.name, `${path}.name`),
    description: asString(tool.description),
    format: tool.format,
  };
}

function decodeClientSearch(tool: JsonObject): FunctionTool {
  return {
    type: 'function',
    name: 'tool_search',
    description: asString(tool.description),
    parameters: asObject(tool.parameters),
    extra: toExtra(undefined, { clientSearch: true }),
  };
}

function decodeNamespace(tool: JsonObject, path: string): Tool[] {
  const namespace = requireString(tool.name, `${path}.name`);
  const inner: (FunctionTool | CustomTool)[] = [];
  const items = requireArray(tool.tools, `${path}.tools`);
  items.forEach((item, i) => {
    const at = `${path}.tools.${i}`;
    const value = requireObject(item, at);
    if (value.type === 'custom') inner.push(decodeCustom(value, at));
    else if (value.type === 'function') inner.push(decodeFunction(value, at));
  });
  if (inner.length < items.length || inner.length === 0) return [decodeHosted('namespace', tool)];
  return inner.map(
    (entry): Tool => ({
      ...entry,
      name: qualified(namespace, entry.name),
      extra: toExtra(undefined, { namespace }),
    }),
  );
}

/** Hosted tools by what they do (platform.openai.com/docs/guides/tools); dated and preview names begin the same. */
const hostedKinds: [string, HostedToolKind][] = [
  ['web_search', 'web-search'],
  ['code_interpreter', 'code-execution'],
  ['file_search', 'file-search'],
  ['image_generation', 'image-generation'],
];

function decodeHosted(type: string, tool: JsonObject): HostedTool {
  // A search of the provider's index only is none that other providers have: theirs go to the live web.
  const indexed = tool.external_web_access === false;
  const kind = indexed
    ? 'web-index'
    : (hostedKinds.find(([start]) => type.startsWith(start))?.[1] ?? 'other');
  const hosted: HostedTool = { type: 'hosted', kind, name: type, protocol, value: tool };
  if (kind !== 'web-search') return hosted;
  const filters = asObject(tool.filters);
  return {
    ...hosted,
    allowedDomains: asTexts(filters?.allowed_domains),
    blockedDomains: asTexts(filters?.blocked_domains),
    userLocation: userLocation(tool.user_location),
  };
}

/**
 * The tools that items of the conversation bring along (`additional_tools`, results of a tool search) and that `declared`
 * does not have: the upstream of another protocol must know them beforehand.
 */
export function loadedTools(items: readonly JsonObject[], declared: readonly Tool[]): Tool[] {
  const known = new Set(declared.map((tool) => tool.name));
  const loaded: Tool[] = [];
  for (const item of items) {
    if (item.type !== 'additional_tools' && item.type !== 'tool_search_output') continue;
    for (const tool of decodeTools(asObjects(item.tools), 'input.tools')) {
      if (known.has(tool.name) || tool.type === 'hosted') continue;
      known.add(tool.name);
      loaded.push(tool);
    }
  }
  return loaded;
}

// ---------------------------------------------------------------- writing

/** Writes the tools in the protocol's words; hosted tools of others become the like of this one or are reported. */
export function encodeTools(tools: readonly Tool[], names: WireNames, report: LossReport): JsonObject[] {
  const written: JsonObject[] = [];
  for (const tool of tools) {
    if (tool.type === 'hosted') {
      const hosted = encodeHosted(tool, report);
      if (hosted !== undefined) written.push(hosted);
      continue;
    }
    const { name } = names.toWire(tool.name);
    if (name !== tool.name) report('renamed', `tools.${tool.name}`, name);
    written.push(encodeCallable(tool, name, report));
  }
  return written;
}

function encodeCallable(tool: FunctionTool | CustomTool, name: string, report: LossReport): JsonObject {
  const description = tool.description !== undefined && { description: tool.description };
  if (tool.type === 'custom') {
    return {
      type: 'custom',
      name,
      ...description,
      ...(tool.format !== undefined && { format: tool.format }),
    };
  }
  const parameters = openaiParameters(tool.parameters ?? {});
  return {
    type: 'function',
    name,
    ...description,
    parameters,
    // The API would make an unsaid `strict` true.
    strict: fittingStrict(tool, parameters, report) ?? false,
  };
}

function encodeHosted(tool: HostedTool, report: LossReport): JsonObject | undefined {
  const field = `tools.${tool.name}`;
  switch (tool.kind) {
    case 'web-search': {
      const { allowedDomains, blockedDomains, maxUses, userLocation } = tool;
      reportSearchSettings(tool, report);
      if (blockedDomains !== undefined && blockedDomains.length > 0)
        report('dropped', `${field}.blocked_domains`, 'the upstream allows domains only');
      if (maxUses !== undefined) report('dropped', `${field}.max_uses`);
      return {
        type: 'web_search',
        ...(allowedDomains !== undefined && { filters: { allowed_domains: allowedDomains } }),
        ...(userLocation !== undefined && { user_location: { type: 'approximate', ...userLocation } }),
      };
    }
    case 'code-execution':
      return { type: 'code_interpreter', container: { type: 'auto' } };
    case 'image-generation':
      return { type: 'image_generation' };
    default:
      report(lackOf(tool), field, 'the upstream has no such tool');
      return undefined;
  }
}

// ---------------------------------------------------------------- names

/** How a tool is declared to the upstream. */
interface WireName {
  name: string;
  namespace?: string;
}

/** The client's names ↔ the upstream's. */
export interface WireNames {
  toWire(name: string): WireName;
  fromWire(name: string, namespace: string | undefined): string;
  /** Whether the client declared a function or custom tool of this name. */
  isDeclared(name: string): boolean;
  /** The name is that of the client-run `tool_search`, whose calls are items of their own. */
  isSearch(name: string): boolean;
  /** The name is that of a tool of OpenAI's that the client runs. */
  isClientRun(name: string): boolean;
  /** The client speaks another protocol: it knows no items of this one. */
  foreign: boolean;
  /** The client's name for a shell of its own (Claude's `bash`). */
  shell: string | undefined;
}

/** Claude's `bash_*`: its own codec keeps the declaration. */
function isShell({ type, ...tool }: Tool): boolean {
  const block =
    type === 'function' && 'extra' in tool ? asObject(tool.extra?.originalForm?.block) : undefined;
  return asString(block?.type)?.startsWith('bash_') ?? false;
}

/** The names of a request's tools. */
export function wireNames(
  tools: readonly Tool[] | undefined,
  foreign = false,
  rule: NameRule = toolNameRule,
): WireNames {
  const names = toolNames(tools, rule);
  let inNamespace: Map<string, WireName> | undefined;
  let search = false;
  let clientRun: Set<string> | undefined;
  for (const tool of tools ?? []) {
    if (tool.type === 'hosted') continue;
    const originalForm = ownOf(tool.extra)?.originalForm;
    if (originalForm?.clientSearch !== undefined) search = true;
    if (originalForm?.clientTool !== undefined) {
      clientRun ??= new Set();
      clientRun.add(tool.name);
    }
    const namespace = asString(originalForm?.namespace);
    if (namespace === undefined) continue;
    inNamespace ??= new Map();
    inNamespace.set(tool.name, { name: tool.name.slice(qualified(namespace, '').length), namespace });
  }
  return {
    toWire: (name) => inNamespace?.get(name) ?? { name: names.toWire(name) },
    fromWire(name, namespace) {
      if (namespace !== undefined && inNamespace?.has(qualified(namespace, name)))
        return qualified(namespace, name);
      return names.fromWire(name);
    },
    isDeclared: (name) => calledTool(tools, name) !== undefined,
    isSearch: (name) => search && name === 'tool_search',
    isClientRun: (name) => clientRun?.has(name) ?? false,
    foreign,
    shell: foreign ? tools?.find(isShell)?.name : undefined,
  };
}

/** Names of any characters and length. */
const anyName: NameRule = { maxLength: Number.POSITIVE_INFINITY, forbidden: /(?!)/g };

/** The names for writing the answer to a request: as its client declared them. */
export function clientNames(request: Request): WireNames {
  return wireNames(request.tools, false, anyName);
}

/** The names for reading the answer to a request, whichever protocol its client speaks. */
export function answerNames(request: Request): WireNames {
  return wireNames(request.tools, ownOf(request.extra) === undefined);
}
