/** Reads and judges a generateContent request as generativelanguage.googleapis.com does. */

import type { Incoming, SandboxState } from '../dialect.ts';
import type { Json, JsonObject } from '../json.ts';
import { asArray, asNumber, asObject, asObjects, asString, membersOf } from '../json-members.ts';
import {
  type DeclaredTool,
  emptyTurn,
  type Media,
  type Prompt,
  type ToolChoice,
  type Turn,
} from '../prompt.ts';
import { unseal } from '../seal.ts';
import { base64Bytes } from '../shape.ts';
import { type Meter, meter } from '../tokens.ts';
import { demandShape, fault } from './errors.ts';
import { geminiFacts } from './model-facts.ts';
import { demandGeneration, demandThinking, demandTogether } from './model-rules.ts';
import { camelCased, countBody, declarationsOf, generateBody, paddedBase64 } from './shape.ts';

export function readGemini(incoming: Incoming, state: SandboxState): Prompt {
  const body = camelCased(incoming.body);
  demandShape(body, generateBody);
  const contents = asObjects(body.contents);
  const config = asObject(body.generationConfig) ?? {};
  const reasoning = readThinking(config, incoming.model);
  demandGeneration(config, incoming.model);
  demandTogether(body, incoming.model);
  // MCP servers are called by Google: calls and results then stand in the model's own turns.
  const turns = joined(contents);
  if (!asObjects(body.tools).some((tool) => tool.mcpServers !== undefined)) demandTurns(turns);
  demandSignatures(turns, reasoning.wanted && geminiFacts(incoming.model)?.signaturesOptional !== true);
  const tools = demandTools(body);
  const count = meter();
  const turn = measure(body, contents, count);
  const maxTokens = asNumber(config.maxOutputTokens);
  return {
    model: incoming.model,
    stream: incoming.stream,
    system: textOf(asObject(body.systemInstruction)),
    roles: contents.map((content) => asString(content.role) ?? 'user'),
    turn,
    tools,
    choice: readChoice(body, tools),
    parallel: true,
    reasoning,
    output: readOutput(config),
    stop: asArray(config.stopSequences).filter((stop) => typeof stop === 'string'),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    answers: asNumber(config.candidateCount) ?? 1,
    settings: settingsOf(config),
    tokens: count.settle(state.prefixes),
  };
}

/** The tokens of a countTokens request, in either of its forms. */
export function countGemini(incoming: Incoming): number {
  const body = camelCased(incoming.body);
  demandShape(body, countBody);
  const whole = asObject(body.generateContentRequest) ?? body;
  const count = meter();
  measure(whole, asObjects(whole.contents), count);
  return count.total();
}

function textOf(content: JsonObject | undefined): string {
  return asObjects(content?.parts)
    .map((part) => asString(part.text) ?? '')
    .join('\n');
}

function readThinking(config: JsonObject, model: string): Prompt['reasoning'] {
  const thinking = asObject(config.thinkingConfig);
  // Current models think, and sign their calls, whether one asks for it or not.
  if (thinking === undefined) return { wanted: geminiFacts(model)?.thinks ?? false, shown: false };
  demandThinking(thinking, model);
  const path = 'generationConfig.thinkingConfig';
  if (thinking.thinkingBudget !== undefined && thinking.thinkingLevel !== undefined)
    throw fault(path, 'thinkingBudget and thinkingLevel cannot both be given');
  const wanted = thinking.thinkingBudget !== 0;
  if (!wanted && thinking.includeThoughts === true)
    throw fault(`${path}.includeThoughts`, 'thoughts can be included only when thinking is enabled');
  return { wanted, shown: thinking.includeThoughts === true };
}

/** Contents of one role in a row are one turn: Google's Python client gives each chunk of a stream back on its own. */
function joined(contents: readonly JsonObject[]): JsonObject[] {
  const turns: JsonObject[] = [];
  for (const content of contents) {
    const before = turns.at(-1);
    if (before === undefined || before.role !== content.role) turns.push({ ...content });
    else before.parts = [...asArray(before.parts), ...asArray(content.parts)];
  }
  return turns;
}

function calls(content: JsonObject | undefined): JsonObject[] {
  return asObjects(content?.parts)
    .map((part) => asObject(part.functionCall))
    .filter((call) => call !== undefined);
}

function results(content: JsonObject | undefined): JsonObject[] {
  return asObjects(content?.parts)
    .map((part) => asObject(part.functionResponse))
    .filter((result) => result !== undefined);
}

/** Function calls follow the user or results; results follow the calls, one for each. */
function demandTurns(contents: readonly JsonObject[]): void {
  for (const [i, content] of contents.entries()) {
    const path = `contents[${i}]`;
    const before = contents[i - 1];
    const called = calls(content);
    if (called.length > 0) {
      if (content.role !== 'model') throw fault(`${path}.role`, 'a function call belongs to the model');
      if (before === undefined || before.role === 'model')
        throw fault(path, 'a function call turn must come right after a user turn or function responses');
      if (contents[i + 1] === undefined || results(contents[i + 1]).length === 0)
        throw fault(path, 'function responses must come right after the function call turn');
    }
    const answered = results(content);
    if (answered.length > 0) demandAnswers(calls(before), answered, content, path);
  }
}

function demandAnswers(
  called: readonly JsonObject[],
  answered: readonly JsonObject[],
  content: JsonObject,
  path: string,
): void {
  if (content.role === 'model') throw fault(`${path}.role`, 'a function response belongs to the user');
  if (called.length !== answered.length)
    throw fault(
      path,
      `the number of function responses (${answered.length}) must equal the number of function calls of the turn before (${called.length})`,
    );
  const open = [...called];
  for (const result of answered) {
    const at = open.findIndex(
      (call) =>
        call.name === result.name &&
        (result.id === undefined || call.id === undefined || call.id === result.id),
    );
    if (at < 0) throw fault(path, `no function call '${result.name}' with this id precedes the response`);
    open.splice(at, 1);
  }
}

/** Stand-ins that Google documents for histories that other models made. https://ai.google.dev/gemini-api/docs/thought-signatures */
const standIns = new Set(['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']);

/** Signatures must be ours; where they are demanded, each step of the current turn begins with a signed call. */
function demandSignatures(contents: readonly JsonObject[], demanded: boolean): void {
  const turnStart = contents.findLastIndex(
    (content) => content.role !== 'model' && results(content).length === 0,
  );
  for (const [i, content] of contents.entries()) {
    let first = true;
    for (const [j, part] of asObjects(content.parts).entries()) {
      const path = `contents[${i}].parts[${j}]`;
      const call = asObject(part.functionCall);
      const signature = asString(part.thoughtSignature);
      if (signature !== undefined) demandSignature(signature, call, path);
      else if (call !== undefined && first && demanded && i > turnStart)
        throw fault(path, `the function call '${call.name}' is missing a thought_signature`);
      if (call !== undefined) first = false;
    }
  }
}

function demandSignature(signature: string, call: JsonObject | undefined, path: string): void {
  const token = paddedBase64(signature);
  // The field holds bytes: pydantic-ai and litellm send the word in base64, others as it stands.
  if (standIns.has(signature) || standIns.has(Buffer.from(token, 'base64').toString())) return;
  const ofCall = unseal('call', token);
  const valid = call === undefined ? (ofCall ?? unseal('text', token)) !== undefined : ofCall === call.name;
  if (!valid) throw fault(`${path}.thoughtSignature`, 'the thought signature is not valid');
}

function demandTools(body: JsonObject): DeclaredTool[] {
  const tools = declarationsOf(body).map(
    (declared): DeclaredTool => ({
      name: asString(declared.name) ?? '',
      kind: 'function',
      schema: asObject(declared.parametersJsonSchema) ?? asObject(declared.parameters) ?? {},
    }),
  );
  for (const [i, tool] of tools.entries())
    if (tools.findIndex((other) => other.name === tool.name) !== i)
      throw fault('tools', `the function '${tool.name}' is declared twice`);
  for (const node of asObjects(body.tools))
    for (const name in node)
      if (name !== 'functionDeclarations' && node[name] !== undefined) tools.push({ name, kind: 'hosted' });
  return tools;
}

function readChoice(body: JsonObject, tools: readonly DeclaredTool[]): ToolChoice {
  const config = asObject(asObject(body.toolConfig)?.functionCallingConfig);
  if (config === undefined) return { mode: 'auto' };
  const path = 'toolConfig.functionCallingConfig';
  const declared = tools.filter((tool) => tool.kind === 'function');
  if (tools.length === 0 || (declared.length === 0 && config.mode !== 'AUTO'))
    throw fault(path, 'it is given without function declarations');
  const names = asArray(config.allowedFunctionNames).filter((name) => typeof name === 'string');
  if (names.length > 0 && config.mode !== 'ANY' && config.mode !== 'VALIDATED')
    throw fault(`${path}.allowedFunctionNames`, 'it may only be given when the mode is ANY or VALIDATED');
  for (const name of names)
    if (!declared.some((tool) => tool.name === name))
      throw fault(`${path}.allowedFunctionNames`, `the function '${name}' is not declared`);
  const allowed = names.length > 0 ? { names } : {};
  switch (config.mode) {
    case 'ANY':
      return { mode: 'required', ...allowed };
    case 'NONE':
      return { mode: 'none' };
    default:
      return { mode: 'auto', ...allowed };
  }
}

function readOutput(config: JsonObject): Prompt['output'] {
  const schema = asObject(config.responseJsonSchema) ?? asObject(config.responseSchema);
  const json = config.responseMimeType === 'application/json';
  if (config.responseJsonSchema !== undefined && config.responseSchema !== undefined)
    throw fault('generationConfig', 'responseSchema and responseJsonSchema cannot both be given');
  if (schema !== undefined && !json && config.responseMimeType !== 'text/x.enum')
    throw fault('generationConfig.responseMimeType', 'a response schema needs application/json');
  // "text/x.enum": one of the schema's words, as it is: ai.google.dev/gemini-api/docs/structured-output.
  if (schema !== undefined && !json) return { json: true, schema, bare: true };
  if (!json) return { json: false };
  return schema === undefined ? { json: true } : { json: true, schema };
}

function settingsOf(config: JsonObject): JsonObject {
  return membersOf(config, [
    'temperature',
    'topP',
    'topK',
    'maxOutputTokens',
    'stopSequences',
    'seed',
    'presencePenalty',
    'frequencyPenalty',
    'thinkingConfig',
  ]);
}

// ---------------------------------------------------------------- turns

function measure(body: JsonObject, contents: readonly JsonObject[], count: Meter): Turn {
  count.add(textOf(asObject(body.systemInstruction)));
  for (const tool of asArray(body.tools)) count.add(JSON.stringify(tool));
  let turn = emptyTurn();
  for (const content of contents) {
    if (content.role === 'model') turn = emptyTurn();
    for (const part of asObjects(content.parts))
      readPart(part, content.role === 'model' ? emptyTurn() : turn, count);
    count.boundary();
  }
  return turn;
}

function readPart(part: JsonObject, turn: Turn, count: Meter): void {
  const text = asString(part.text);
  const inline = asObject(part.inlineData);
  const file = asObject(part.fileData);
  const result = asObject(part.functionResponse);
  if (text !== undefined) {
    turn.text = text;
    count.add(text);
  } else if (inline !== undefined) {
    turn.media.push(inlineMedia(inline));
    count.addMedia(asString(inline.data) ?? '');
  } else if (file !== undefined) {
    const mediaType = asString(file.mimeType);
    turn.media.push({
      kind: kindOf(mediaType),
      ...(mediaType === undefined ? {} : { mediaType }),
      url: asString(file.fileUri) ?? '',
    });
    count.addMedia(JSON.stringify(file));
  } else if (result !== undefined) {
    readResult(result, turn, count);
  } else {
    count.add(JSON.stringify(part.functionCall ?? part));
  }
}

function readResult(result: JsonObject, turn: Turn, count: Meter): void {
  const response = asObject(result.response) ?? {};
  const text = said(response.error ?? response.output ?? response.result ?? response);
  count.add(text);
  turn.results.push({ name: asString(result.name) ?? '', text, isError: response.error !== undefined });
  for (const part of asObjects(result.parts)) {
    const inline = asObject(part.inlineData);
    if (inline !== undefined) turn.media.push(inlineMedia(inline));
  }
}

function said(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function inlineMedia(inline: JsonObject): Media {
  const mediaType = asString(inline.mimeType) ?? '';
  const name = asString(inline.displayName);
  return {
    kind: kindOf(mediaType),
    mediaType,
    bytes: base64Bytes(paddedBase64(asString(inline.data) ?? '')),
    ...(name === undefined ? {} : { name }),
  };
}

function kindOf(mediaType: string | undefined): Media['kind'] {
  const family = mediaType?.split('/')[0];
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'document';
}
