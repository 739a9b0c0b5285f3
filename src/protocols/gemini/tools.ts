/** `tools` and `toolConfig`, both ways. */

import type { LossReport } from '../codec.ts';
import { customAsFunction } from '../custom-tool.ts';
import { lackOf, reportSearchSettings } from '../hosted-tools.ts';
import { requireArray, requireObject, requireString } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asObject } from '../json-members.ts';
import type {
  CustomTool,
  FunctionTool,
  HostedTool,
  HostedToolKind,
  Request,
  Tool,
  ToolChoice,
} from '../request.ts';
import { declaredName, type ToolNames } from '../tool-names.ts';
import { lookUp } from '../word-table.ts';
import { modeWord } from './enum-numbers.ts';
import { geminiParameters } from './json-schema.ts';
import { camelCased, compact, protocol } from './kept-fields.ts';
import { jsonSchemaOf } from './openapi-schema.ts';

// ---------------------------------------------------------------- reading

/** What Google's own tools do in the words that protocols share. The others are known here only. */
const hostedKinds: Record<string, HostedToolKind> = {
  googleSearch: 'web-search',
  googleSearchRetrieval: 'web-search',
  codeExecution: 'code-execution',
  urlContext: 'url-context',
  fileSearch: 'file-search',
};

/** Reads `tools`. Throws InvalidRequest naming the field. */
export function decodeTools(value: Json): Tool[] {
  return asArray(value).flatMap((raw, i) => {
    const entry = camelCased(requireObject(raw, `tools.${i}`));
    return Object.keys(entry).flatMap((key): Tool[] => {
      const inner = entry[key];
      if (inner === undefined || inner === null) return [];
      if (key === 'functionDeclarations') {
        const path = `tools.${i}.functionDeclarations`;
        return requireArray(inner, path).map((item, j) =>
          decodeDeclaration(requireObject(item, `${path}.${j}`), `${path}.${j}`),
        );
      }
      return [
        {
          type: 'hosted',
          kind: lookUp(hostedKinds, key) ?? 'other',
          name: key,
          protocol,
          value: { [key]: inner },
        },
      ];
    });
  });
}

function decodeDeclaration(raw: JsonObject, path: string): FunctionTool {
  const declaration = camelCased(raw);
  const tool: FunctionTool = { type: 'function', name: requireString(declaration.name, `${path}.name`) };
  if (typeof declaration.description === 'string') tool.description = declaration.description;
  const { parameters, parametersJsonSchema } = declaration;
  if (isObject(parametersJsonSchema)) tool.parameters = parametersJsonSchema;
  else if (isObject(parameters)) tool.parameters = jsonSchemaOf(parameters);
  return tool;
}

/** Reads `toolConfig`: the choice, and the fields that only this protocol has. */
export function decodeToolConfig(value: JsonObject): { choice?: ToolChoice; rest?: JsonObject } {
  const config = camelCased(value);
  const { functionCallingConfig, ...rest } = config;
  const calling = camelCased(asObject(functionCallingConfig) ?? {});
  const { mode, allowedFunctionNames, ...more } = calling;
  const names = asArray(allowedFunctionNames).filter((name) => typeof name === 'string');
  const choice = toolChoice(modeWord(mode)?.toUpperCase() ?? '', names);
  const unsaid: JsonObject = { ...more };
  // VALIDATED is AUTO with checked calls; without names the other protocols cannot distinguish the two.
  if (choice === undefined || (modeWord(mode) !== 'AUTO' && choice.type === 'auto')) unsaid.mode = mode;
  if (choice === undefined || ((choice.type === 'auto' || choice.type === 'none') && names.length > 0))
    unsaid.allowedFunctionNames = allowedFunctionNames;
  const left = compact({ ...rest, functionCallingConfig: functionCallingConfig && compact(unsaid) });
  return { ...(choice && { choice }), ...(left && { rest: left }) };
}

function toolChoice(mode: string, names: string[]): ToolChoice | undefined {
  const [first] = names;
  switch (mode) {
    case 'AUTO':
      return { type: 'auto' };
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (first === undefined) return { type: 'required' };
      return names.length === 1 ? { type: 'tool', name: first } : { type: 'allowed', names, required: true };
    case 'VALIDATED':
      return first === undefined ? { type: 'auto' } : { type: 'allowed', names, required: false };
    default:
      return undefined;
  }
}

// ---------------------------------------------------------------- writing

/** Writes the tools. Function declarations share one entry, as every deployment accepts them. */
export function encodeTools(
  request: Request,
  names: ToolNames,
  older: boolean,
  report: LossReport,
): { tools: JsonObject[]; declares: boolean; mixes: boolean } {
  const declarations: JsonObject[] = [];
  const tools: JsonObject[] = [];
  const declares = request.tools?.some((tool) => tool.type !== 'hosted') ?? false;
  let mixes = false;
  for (const tool of request.tools ?? []) {
    if (tool.type !== 'hosted') {
      if (declarations.length === 0) tools.push({ functionDeclarations: declarations });
      declarations.push(encodeDeclaration(tool, names, report));
      continue;
    }
    const entry = encodeHosted(tool, report);
    if (entry === undefined) continue;
    if (declares) {
      if (older) {
        report(lackOf(tool), `tools.${tool.name}`, 'not beside functions before Gemini 3');
        continue;
      }
      mixes = true;
    }
    tools.push(entry);
  }
  return { tools, declares, mixes };
}

function encodeDeclaration(
  tool: FunctionTool | CustomTool,
  names: ToolNames,
  report: LossReport,
): JsonObject {
  const name = declaredName(tool.name, names, report);
  if (tool.type === 'custom') {
    const { parameters, ...said } = customAsFunction(tool, report);
    return { name, ...said, parametersJsonSchema: parameters };
  }
  const declaration: JsonObject = { name };
  if (tool.description !== undefined) declaration.description = tool.description;
  if (tool.strict === true)
    report('dropped', `tools.${tool.name}.strict`, 'Gemini does not hold arguments to the schema');
  if (tool.parameters !== undefined)
    declaration.parametersJsonSchema = geminiParameters(tool.parameters, report);
  return declaration;
}

function encodeHosted(tool: HostedTool, report: LossReport): JsonObject | undefined {
  switch (tool.kind) {
    case 'web-search':
      reportSearchSettings(tool, report);
      if (tool.allowedDomains?.length || tool.blockedDomains?.length)
        report('dropped', `tools.${tool.name}.filters`, 'Google Search has no domain lists');
      if (tool.maxUses !== undefined)
        report('dropped', `tools.${tool.name}.max_uses`, 'Google Search is used as often as the model likes');
      return { googleSearch: {} };
    case 'code-execution':
      return { codeExecution: {} };
    case 'url-context':
      return { urlContext: {} };
    default:
      report(lackOf(tool), `tools.${tool.name}`, 'Google has no such tool');
      return undefined;
  }
}

/** Writes `toolConfig`. A choice without function declarations is an error there, so it is left out. */
export function encodeToolConfig(
  request: Request,
  names: ToolNames,
  written: { declares: boolean; mixes: boolean },
  report: LossReport,
): JsonObject | undefined {
  const wanted = ofFunctions(request, report);
  const choice = written.declares ? callingConfig(wanted, names, report) : undefined;
  if (request.parallelToolCalls === false) report('dropped', 'parallel_tool_calls', 'Gemini decides itself');
  return compact({
    functionCallingConfig: choice,
    // Built-in tools beside functions need it. Source: ai.google.dev/gemini-api/docs/tool-combination.
    ...(written.mixes && { includeServerSideToolInvocations: true }),
  });
}

/** The choice as far as it is one among functions: Google's own tools can be neither demanded nor named. */
function ofFunctions({ toolChoice, tools = [] }: Request, report: LossReport): ToolChoice | undefined {
  const isFunction = (name: string): boolean => {
    const tool = tools.find((one) => one.name === name);
    return tool !== undefined && tool.type !== 'hosted';
  };
  const isOffered = tools.some((tool) => tool.type === 'hosted');
  const drop = (): undefined => {
    report('dropped', 'tool_choice', 'Google’s own tools cannot be chosen');
  };
  switch (toolChoice?.type) {
    case 'tool':
      return isOffered && !isFunction(toolChoice.name) ? drop() : toolChoice;
    case 'required':
    case 'none':
      return isOffered && !tools.some((tool) => tool.type !== 'hosted') ? drop() : toolChoice;
    case 'native':
      if (!tools.some((tool) => tool.type !== 'hosted')) return drop();
      return toolChoice;
    default:
      return toolChoice;
  }
}

function callingConfig(
  choice: ToolChoice | undefined,
  names: ToolNames,
  report: LossReport,
): JsonObject | undefined {
  switch (choice?.type) {
    case undefined:
      return undefined;
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [names.toWire(choice.name)] };
    case 'allowed':
      // Names are refused beside AUTO; VALIDATED is AUTO with names.
      return {
        mode: choice.required ? 'ANY' : 'VALIDATED',
        allowedFunctionNames: choice.names.map(names.toWire),
      };
    case 'native':
      report('dropped', 'tool_choice', `only ${choice.protocol} has it`);
      return undefined;
  }
}
