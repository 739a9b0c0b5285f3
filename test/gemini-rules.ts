/** What the Gemini API refuses of a request (ai.google.dev/api), in its words where they are known. */
import { isObject, type JsonObject } from '../src/protocols/json.ts';
import { asArray, asObject, asObjects } from '../src/protocols/json-members.ts';

/** The first rule of the API that a body breaks, in its words; undefined for a body that it accepts. */
export function broken(body: JsonObject, model: string): string | undefined {
  return brokenSettings(body) ?? brokenTools(body, model) ?? brokenContents(body, model);
}

function brokenSettings(body: JsonObject): string | undefined {
  const config = asObject(body.generationConfig) ?? {};
  const stops = asArray(config.stopSequences);
  if (stops.length > 5 || stops.includes('')) return 'stopSequences: up to 5, not empty';
  const thinking = asObject(config.thinkingConfig) ?? {};
  if (thinking.thinkingLevel !== undefined && thinking.thinkingBudget !== undefined)
    return 'You can only set only one of thinking budget and thinking level.';
  if (config.responseJsonSchema !== undefined && config.responseMimeType !== 'application/json')
    return 'responseMimeType must be application/json';
  if (typeof config.seed === 'number' && (config.seed | 0) !== config.seed) return 'seed: TYPE_INT32';
  const known = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig'];
  return Object.keys(body).find((key) => !known.includes(key));
}

function brokenTools(body: JsonObject, model: string): string | undefined {
  const tools = asObjects(body.tools);
  const declarations = tools.flatMap((tool) => asObjects(tool.functionDeclarations));
  const names = declarations.map(({ name }) => String(name));
  if (new Set(names).size < names.length) return 'Duplicate function declaration found';
  for (const { name, parametersJsonSchema } of declarations) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(String(name))) return `Invalid function name: ${name}`;
    if (parametersJsonSchema !== undefined && asObject(parametersJsonSchema)?.type !== 'object')
      return 'parameters schema should be of type OBJECT';
  }
  const config = asObject(body.toolConfig);
  const calling = asObject(config?.functionCallingConfig);
  if (calling !== undefined && names.length === 0)
    return 'Function calling config is set without function_declarations.';
  const allowed = asArray(calling?.allowedFunctionNames);
  if (allowed.length > 0 && calling?.mode !== 'ANY' && calling?.mode !== 'VALIDATED')
    return 'allowed_function_names should only be set when mode is ANY or VALIDATED';
  if (allowed.some((name) => !names.includes(String(name)))) return 'allowed_function_names: not declared';
  const builtIn = tools.some((tool) => tool.functionDeclarations === undefined);
  if (builtIn && names.length > 0 && model.includes('2.5'))
    return 'Tool use with function calling is unsupported';
  return undefined;
}

function brokenContents(body: JsonObject, model: string): string | undefined {
  const contents = asObjects(body.contents);
  if (contents[0]?.role !== 'user') return 'contents: the first turn is the user';
  let due: string[] = [];
  for (const [i, content] of contents.entries()) {
    if (content.role !== (i % 2 === 0 ? 'user' : 'model')) return `contents.${i}: roles must alternate`;
    const parts = asObjects(content.parts);
    if (parts.length === 0) return `contents.${i}.parts: must not be empty`;
    const results: string[] = [];
    const calls: JsonObject[] = [];
    for (const part of parts) {
      const data = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'];
      if (data.filter((key) => part[key] !== undefined).length !== 1)
        return `contents.${i}: one data field a part`;
      if (part.text === '' && part.thoughtSignature === undefined)
        return `contents.${i}: empty text parameter`;
      if (part.thought === true && content.role === 'user') return `contents.${i}: thought of the user`;
      if (isObject(part.fileData) && part.fileData.mimeType === undefined)
        return 'fileData.mimeType: required';
      if (isObject(part.functionCall)) calls.push(part);
      const result = asObject(part.functionResponse);
      if (result === undefined) continue;
      if (!isObject(result.response)) return 'functionResponse.response: required';
      if (model.includes('2.5') && result.parts !== undefined) return 'functionResponse.parts: not supported';
      results.push(`${result.id} ${result.name}`);
    }
    if (results.join() !== due.join()) return `contents.${i}: function responses do not match the calls`;
    due = calls.map((part) => `${asObject(part.functionCall)?.id} ${asObject(part.functionCall)?.name}`);
    if (calls[0] !== undefined && calls[0].thoughtSignature === undefined && model.includes('-3'))
      return 'Function call is missing a thought_signature in functionCall parts.';
  }
  return undefined;
}
