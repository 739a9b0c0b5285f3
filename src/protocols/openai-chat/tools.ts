/** Tool definitions and the choice among them. */
import type { LossReport } from '../codec.ts';
import { customAsFunction } from '../custom-tool.ts';
import { lackOf, reportSearchSettings, userLocation } from '../hosted-tools.ts';
import { requireObject, requireString } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asBoolean, asNumber, asObject, asObjects, asString, asTexts } from '../json-members.ts';
import { openaiParameters } from '../json-schema.ts';
import { openaiFunction } from '../openai-function.ts';
import { fittingStrict } from '../openai-schema.ts';
import type {
  CustomTool,
  FunctionTool,
  HostedTool,
  HostedToolKind,
  Request,
  Tool,
  ToolChoice,
} from '../request.ts';
import { declaredName, type NameRule, type ToolNames, toolNames } from '../tool-names.ts';
import { readCacheControl } from './content-decode.ts';
import { writeCacheControl } from './content-encode.ts';
import { isNative, overlay, protocol } from './kept-fields.ts';
import { isOpenAiReasoningModel, isSearchModel } from './upstream-models.ts';

/** platform.openai.com/docs/api-reference/chat/create: a-z, A-Z, 0-9, underscores and dashes, at most 64. */
export const nameRule: NameRule = { maxLength: 64, forbidden: /[^a-zA-Z0-9_-]/g };

/** The tool names that the upstream sees: unchanged in requests of this protocol, which are never written anew. */
export function wireNames(request: Request): ToolNames {
  return isNative(request)
    ? { toWire: (name) => name, fromWire: (name) => name }
    : toolNames(request.tools, nameRule);
}

/** One member of `tools`. Throws {@link InvalidRequest} naming the field. */
export function decodeTool(value: Json | undefined, path: string): Tool {
  const tool = requireObject(value, path);
  if (tool.type === 'custom' && isObject(tool.custom)) return decodeCustomTool(tool.custom, path);
  if (isObject(tool.function) && (tool.type === 'function' || tool.type === undefined)) {
    const cache = readCacheControl(tool.cache_control);
    const decoded = decodeFunction(tool.function, `${path}.function`);
    return cache === undefined ? decoded : { ...decoded, cache };
  }
  return flatFunction(tool) ?? hostedTool(tool);
}

/** A function definition: `tools[].function`, or a member of the older `functions`. */
export function decodeFunction(value: Json | undefined, path: string): FunctionTool {
  return openaiFunction(requireObject(value, path), path);
}

/**
 * A function as Responses (`{type, name, parameters}`) or Anthropic (`{name, input_schema}`) declare it: some editors send
 * those here.
 */
function flatFunction(tool: JsonObject): FunctionTool | undefined {
  if (tool.type !== undefined && tool.type !== 'function' && tool.type !== 'custom') return undefined;
  const name = asString(tool.name);
  const parameters = asObject(tool.input_schema) ?? asObject(tool.parameters);
  if (name === undefined || parameters === undefined) return undefined;
  return {
    type: 'function',
    name,
    description: asString(tool.description),
    parameters,
    strict: asBoolean(tool.strict),
  };
}

/** A grammar is in an object of its own here, and beside its type in the Responses API, whose form is the canonical one. */
function flatFormat(format: Json | undefined): Json | undefined {
  if (!isObject(format) || !isObject(format.grammar)) return format;
  const { grammar, ...around } = format;
  return { ...around, ...grammar };
}

function decodeCustomTool(custom: JsonObject, path: string): CustomTool {
  return {
    type: 'custom',
    name: requireString(custom.name, `${path}.custom.name`),
    description: asString(custom.description),
    format: flatFormat(custom.format),
  };
}

const hostedKinds: readonly (readonly [RegExp, HostedToolKind])[] = [
  [/search_file|file_search/, 'file-search'],
  [/search/, 'web-search'],
  [/code|python/, 'code-execution'],
  [/url_context|web_fetch|browse/, 'url-context'],
  [/image/, 'image-generation'],
];

/** A tool of some compatible server, in its own words. */
function hostedTool(tool: JsonObject): HostedTool {
  const name = asString(tool.type) ?? 'tool';
  const named = `${name} ${asString(asObject(tool.function)?.name) ?? ''}`;
  const settings = asObject(tool.parameters) ?? asObject(tool.web_search) ?? tool;
  return {
    type: 'hosted',
    kind: hostedKinds.find(([pattern]) => pattern.test(named))?.[1] ?? 'other',
    name,
    protocol,
    value: tool,
    ...searchLimits(settings),
  };
}

/** The tool for top-level `web_search_options`. */
export function webSearchTool(options: JsonObject): HostedTool {
  return {
    type: 'hosted',
    kind: 'web-search',
    name: 'web_search_options',
    protocol,
    value: options,
    ...searchLimits(options),
  };
}

function searchLimits(
  settings: JsonObject,
): Pick<HostedTool, 'allowedDomains' | 'blockedDomains' | 'maxUses' | 'userLocation'> {
  const place = asObject(settings.user_location);
  return {
    allowedDomains: asTexts(settings.allowed_domains),
    blockedDomains: asTexts(settings.excluded_domains ?? settings.blocked_domains),
    maxUses: asNumber(settings.max_uses),
    userLocation: userLocation(place?.approximate ?? place),
  };
}

/** How tools are written for one upstream. */
export interface ToolOptions {
  model: string;
  cache: boolean;
  names: ToolNames;
  report: LossReport;
}

/** `tools` and `web_search_options`; absent when nothing is left. */
export function encodeTools(tools: readonly Tool[], options: ToolOptions): JsonObject {
  const list: JsonObject[] = [];
  let search: JsonObject | undefined;
  for (const tool of tools) {
    if (tool.type === 'function') list.push(encodeFunctionTool(tool, options));
    else if (tool.type === 'custom') list.push(encodeCustomTool(tool, options));
    else if (tool.kind === 'web-search' && isSearchModel(options.model)) {
      search = webSearchOptions(tool, options);
    } else {
      options.report(lackOf(tool), `tools.${tool.name}`, 'chat has no such hosted tool');
    }
  }
  return {
    ...(list.length > 0 && { tools: list }),
    ...(search !== undefined && { web_search_options: search }),
  };
}

/** The definition inside `tools[].function`. */
function encodeFunction(tool: FunctionTool, options: ToolOptions): JsonObject {
  const parameters = openaiParameters(tool.parameters ?? {});
  return overlay(
    {
      name: declaredName(tool.name, options.names, options.report),
      description: tool.description,
      parameters,
      strict: fittingStrict(tool, parameters, options.report),
    },
    undefined,
  );
}

function encodeFunctionTool(tool: FunctionTool, options: ToolOptions): JsonObject {
  if (tool.cache !== undefined && !options.cache)
    options.report('approximated', `tools.${tool.name}.cache_control`, 'the upstream caches automatically');
  return {
    type: 'function',
    function: encodeFunction(tool, options),
    ...(tool.cache !== undefined && options.cache && { cache_control: writeCacheControl(tool.cache) }),
  };
}

function encodeCustomTool(tool: CustomTool, { names, report }: ToolOptions): JsonObject {
  const standIn = customAsFunction(tool, report);
  return { type: 'function', function: { name: declaredName(tool.name, names, report), ...standIn } };
}

function webSearchOptions(tool: HostedTool, options: ToolOptions): JsonObject {
  reportSearchSettings(tool, options.report);
  for (const limit of ['allowedDomains', 'blockedDomains', 'maxUses'] as const) {
    if (tool[limit] !== undefined)
      options.report('dropped', `tools.${tool.name}.${limit}`, 'chat has no place');
  }
  if (tool.userLocation === undefined) return {};
  return { user_location: { type: 'approximate', approximate: tool.userLocation } };
}

/** `tool_choice`, or the older `function_call`, in the words of OpenAI and of servers near it. */
export function readToolChoice(choice: Json | undefined): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (choice === 'any') return { type: 'required' };
  if (!isObject(choice)) return { type: 'native', protocol, value: choice };
  if (choice.type === 'allowed_tools') {
    const allowed = asObject(choice.allowed_tools) ?? choice;
    const names = asObjects(allowed.tools).flatMap((tool) => namedTool(tool) ?? []);
    return { type: 'allowed', names, required: allowed.mode === 'required' };
  }
  const name = namedTool(choice);
  if (name === undefined) return { type: 'native', protocol, value: choice };
  return choice.type === 'custom' ? { type: 'tool', name, kind: 'custom' } : { type: 'tool', name };
}

function namedTool(choice: JsonObject): string | undefined {
  const inner = asObject(choice.function) ?? asObject(choice.custom) ?? choice;
  return asString(inner.name);
}

/** The standard spelling of a choice: custom tools go out as functions. */
export function writeToolChoice(choice: ToolChoice, options: ToolOptions): Json | undefined {
  const named = (name: string): JsonObject => ({
    type: 'function',
    function: { name: options.names.toWire(name) },
  });
  switch (choice.type) {
    case 'tool':
      return named(choice.name);
    case 'allowed': {
      const mode = choice.required ? 'required' : 'auto';
      if (isOpenAiReasoningModel(options.model))
        return { type: 'allowed_tools', allowed_tools: { mode, tools: choice.names.map(named) } };
      options.report(
        'approximated',
        'tool_choice',
        `compatible servers do not support allowed_tools: ${mode} of all tools`,
      );
      return mode;
    }
    case 'native':
      options.report('dropped', 'tool_choice', `only ${choice.protocol} has it`);
      return undefined;
    default:
      return choice.type;
  }
}
