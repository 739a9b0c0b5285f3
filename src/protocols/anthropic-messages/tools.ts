/** `tools` and `tool_choice`. */
import type { LossReport } from '../codec.ts';
import { customAsFunction, isCustomTool } from '../custom-tool.ts';
import { declaredTool } from '../declared-tool.ts';
import { lackOf, reportSearchSettings, userLocation } from '../hosted-tools.ts';
import { requireArray, requireObject, requireString } from '../invalid-request.ts';
import type { Json, JsonObject } from '../json.ts';
import { asArray, asBoolean, asNumber, asString } from '../json-members.ts';
import { anthropicInputSchema } from '../json-schema.ts';
import type {
  CustomTool,
  FunctionTool,
  HostedTool,
  HostedToolKind,
  JsonSchema,
  Request,
  Tool,
  ToolChoice,
} from '../request.ts';
import { declaredName, type ToolNames, toolNames } from '../tool-names.ts';
import { decodeClientTool } from './client-tools.ts';
import { type ToolReader, withExtra } from './content-decode.ts';
import { encodeCache } from './content-encode.ts';
import { protocol, toolNameRule } from './kept-fields.ts';
import { type PropertyNames, propertyNames } from './property-names.ts';

// ---------------------------------------------------------------- reading

/** Tool types carry their version date: `web_search_20250305`. Types without a canonical kind are `other`. */
const hostedKinds: readonly [prefix: string, kind: HostedToolKind][] = [
  ['web_search', 'web-search'],
  ['code_execution', 'code-execution'],
  ['web_fetch', 'url-context'],
];

const functionFields = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);

export function decodeTools(value: Json | undefined): Tool[] {
  return requireArray(value, 'tools').map((item, i) => {
    const tool = requireObject(item, `tools.${i}`);
    const type = asString(tool.type) ?? 'custom';
    if (type === 'custom') return decodeFunction(tool, `tools.${i}`);
    return decodeClientTool(tool, type) ?? decodeHosted(tool, type);
  });
}

function decodeFunction(tool: JsonObject, path: string): FunctionTool {
  const schema = tool.input_schema;
  return {
    type: 'function',
    name: requireString(tool.name, `${path}.name`),
    description: asString(tool.description),
    parameters: schema === undefined ? undefined : requireObject(schema, `${path}.input_schema`),
    strict: asBoolean(tool.strict),
    // Unknown fields count in answers: `eager_input_streaming`.
    ...withExtra(tool, functionFields),
  };
}

function decodeHosted(tool: JsonObject, type: string): HostedTool {
  const kind = hostedKinds.find(([prefix]) => type.startsWith(prefix))?.[1] ?? 'other';
  const name = asString(tool.name) ?? type;
  const decoded: HostedTool = { type: 'hosted', kind, name, protocol, value: tool };
  if (kind !== 'web-search' && kind !== 'url-context') return decoded;
  const allowed = strings(tool.allowed_domains);
  const blocked = strings(tool.blocked_domains);
  if (allowed.length > 0) decoded.allowedDomains = allowed;
  if (blocked.length > 0) decoded.blockedDomains = blocked;
  return { ...decoded, maxUses: asNumber(tool.max_uses), userLocation: userLocation(tool.user_location) };
}

function strings(value: Json | undefined): string[] {
  return asArray(value).filter((item) => typeof item === 'string');
}

/** Reads `tool_choice`, which also holds the wish for parallel calls. */
export function decodeToolChoice(value: Json | undefined): {
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
} {
  const choice = requireObject(value, 'tool_choice');
  const alone = asBoolean(choice.disable_parallel_tool_use);
  const parallel = alone === undefined ? {} : { parallelToolCalls: !alone };
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { toolChoice: { type: choice.type }, ...parallel };
    case 'any':
      return { toolChoice: { type: 'required' }, ...parallel };
    case 'tool':
      return {
        toolChoice: { type: 'tool', name: requireString(choice.name, 'tool_choice.name') },
        ...parallel,
      };
    default:
      return { toolChoice: { type: 'native', protocol, value: choice }, ...parallel };
  }
}

// ---------------------------------------------------------------- writing

/** The API's own tools that replace those of other protocols, in versions that every model with the tool takes. */
const hostedEquivalents: Partial<Record<HostedToolKind, { type: string; name: string }>> = {
  'web-search': { type: 'web_search_20250305', name: 'web_search' },
  'code-execution': { type: 'code_execution_20250825', name: 'code_execution' },
  'url-context': { type: 'web_fetch_20250910', name: 'web_fetch' },
};

/**
 * The tools in wire form and the mapping of their names. There is no list of allowed tools in this protocol:
 * where the client gave one, only the tools that may be called are sent.
 */
export function encodeTools(
  request: Request,
  report: LossReport,
): { tools: JsonObject[]; names: ToolNames; properties: ToolProperties } {
  const names = toolNames(request.tools, toolNameRule);
  const properties: ToolProperties = new Map();
  const tools: JsonObject[] = [];
  const taken = new Set<string>();
  const add = (tool: JsonObject | undefined, field: string): void => {
    if (tool === undefined) return;
    const name = asString(tool.name);
    if (name !== undefined && taken.has(name)) {
      report('dropped', field, 'another tool has the same name');
      return;
    }
    if (name !== undefined) taken.add(name);
    tools.push(tool);
  };
  // Client tools first: where a hosted tool's fixed name meets a client tool's, the client's own one stays.
  const sorted = (request.tools ?? []).toSorted(
    (a, b) => Number(a.type === 'hosted') - Number(b.type === 'hosted'),
  );
  const allowed = request.toolChoice?.type === 'allowed' ? new Set(request.toolChoice.names) : undefined;
  for (const tool of sorted) {
    const field = `tools.${tool.name}`;
    if (allowed !== undefined && tool.type !== 'hosted' && !allowed.has(tool.name)) {
      report('dropped', field, 'tool_choice does not allow it');
      continue;
    }
    switch (tool.type) {
      case 'function':
        add(encodeFunction(tool, names, properties, report), field);
        break;
      case 'custom':
        add(encodeCustom(tool, names, report), field);
        break;
      case 'hosted':
        add(encodeHosted(tool, report), field);
    }
  }
  return { tools, names, properties };
}

/** By the client's names of the tools: the property names of those that have some which the API refuses. */
type ToolProperties = Map<string, PropertyNames>;

/** The parameters of another protocol's function, and the names in them that are to be mapped. */
function foreignSchema(tool: FunctionTool): { schema: JsonSchema; properties?: PropertyNames } {
  const schema = anthropicInputSchema(tool.parameters ?? {});
  const properties = propertyNames(schema);
  return properties === undefined ? { schema } : { schema: properties.schema, properties };
}

function encodeFunction(
  tool: FunctionTool,
  names: ToolNames,
  renamed: ToolProperties,
  report: LossReport,
): JsonObject {
  const { schema, properties } = foreignSchema(tool);
  if (properties !== undefined) {
    renamed.set(tool.name, properties);
    report(
      'renamed',
      `tools.${tool.name}.parameters`,
      'property names that the upstream refuses; calls have them as they were',
    );
  }
  // The API compiles strict schemas and refuses keywords that other protocols allow there.
  if (tool.strict === true) report('dropped', `tools.${tool.name}.strict`, 'not enforced by this upstream');
  return {
    name: declaredName(tool.name, names, report),
    ...(tool.description && { description: tool.description }),
    input_schema: schema,
    ...encodeCache(tool.cache),
  };
}

function encodeCustom(tool: CustomTool, names: ToolNames, report: LossReport): JsonObject {
  const { parameters, ...said } = customAsFunction(tool, report);
  return { name: declaredName(tool.name, names, report), ...said, input_schema: parameters };
}

function encodeHosted(tool: HostedTool, report: LossReport): JsonObject | undefined {
  const equivalent = hostedEquivalents[tool.kind];
  if (equivalent === undefined) {
    report(lackOf(tool), `tools.${tool.name}`, 'the upstream has no such hosted tool');
    return undefined;
  }
  const wire: JsonObject = { ...equivalent };
  if (tool.kind === 'web-search') reportSearchSettings(tool, report);
  if (tool.kind === 'code-execution') return wire;
  // The API takes either list, not both.
  if (tool.allowedDomains !== undefined) wire.allowed_domains = tool.allowedDomains;
  else if (tool.blockedDomains !== undefined) wire.blocked_domains = tool.blockedDomains;
  if (tool.maxUses !== undefined) wire.max_uses = tool.maxUses;
  if (tool.kind === 'web-search' && tool.userLocation !== undefined)
    wire.user_location = { type: 'approximate', ...tool.userLocation };
  return wire;
}

/** `tool_choice`, or undefined when the request needs none. `tools` are those that are really sent. */
export function encodeToolChoice(
  request: Request,
  tools: readonly JsonObject[],
  names: ToolNames,
  report: LossReport,
): JsonObject | undefined {
  const { toolChoice: choice, parallelToolCalls: parallel } = request;
  if (choice === undefined && parallel === undefined) return undefined;
  if (tools.length === 0) {
    if (choice !== undefined && choice.type !== 'none' && choice.type !== 'auto')
      report('dropped', 'tool_choice', 'there are no tools');
    return undefined;
  }
  const wire = choice === undefined ? undefined : encodeChoice(choice, names, report);
  if (parallel === undefined || wire?.type === 'none') return wire;
  if (parallel) return wire && { ...wire, disable_parallel_tool_use: false };
  return { ...(wire ?? { type: 'auto' }), disable_parallel_tool_use: true };
}

function encodeChoice(choice: ToolChoice, names: ToolNames, report: LossReport): JsonObject | undefined {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { type: choice.type };
    case 'required':
      return { type: 'any' };
    case 'tool':
      return { type: 'tool', name: names.toWire(choice.name) };
    case 'allowed': {
      const [only, ...others] = choice.names;
      if (choice.required && only !== undefined && others.length === 0)
        return { type: 'tool', name: names.toWire(only) };
      return { type: choice.required ? 'any' : 'auto' };
    }
    case 'native':
      report('dropped', 'tool_choice', 'only its own protocol has this choice');
      return undefined;
  }
}

/** How the calls in the answer to a request become the client's again: names and kinds as the request had them. */
export function toolReader(request: Request): ToolReader {
  const names = toolNames(request.tools, toolNameRule);
  const known = new Map<FunctionTool, PropertyNames | undefined>();
  const knownProperties = (tool: FunctionTool): PropertyNames | undefined => {
    if (!known.has(tool)) known.set(tool, foreignSchema(tool).properties);
    return known.get(tool);
  };
  return {
    name: (wire) => names.fromWire(wire),
    isCustom: (name) => isCustomTool(request, name),
    properties(name) {
      // This protocol's own schemas went out as they came.
      if (request.extra?.protocol === protocol) return undefined;
      const tool = declaredTool(request.tools, name, 'function');
      return tool && knownProperties(tool);
    },
  };
}
