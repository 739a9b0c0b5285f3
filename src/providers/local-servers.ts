/** Programs that serve models on the owner's computer with OpenAI's Chat Completions and without keys, a row each. */

import type { JsonObject } from '../protocols/json.ts';
import { asObject, asObjects, asString } from '../protocols/json-members.ts';
import type { AdaptedCall, Provider } from './provider.ts';
import type { Service } from './service.ts';

/** Only `none`, `auto` and `required` can be chosen: one tool that must be used is the only one that is offered. */
function withWordChoice(body: JsonObject, { report }: AdaptedCall): JsonObject {
  const choice = asObject(body.tool_choice);
  if (choice === undefined) return body;
  const wanted = asString(asObject(choice.function)?.name);
  const named = asObjects(body.tools).filter((tool) => asString(asObject(tool.function)?.name) === wanted);
  if (wanted !== undefined && named.length > 0) return { ...body, tools: named, tool_choice: 'required' };
  report('approximated', 'tool_choice', 'LM Studio accepts strings only');
  return { ...body, tool_choice: 'auto' };
}

/** It has schemas, and no `json_object`: any object is the schema of that. */
function withSchema(body: JsonObject): JsonObject {
  if (asObject(body.response_format)?.type !== 'json_object') return body;
  const json_schema = { name: 'object', schema: { type: 'object' } };
  return { ...body, response_format: { type: 'json_schema', json_schema } };
}

const lmStudio: Partial<Provider> = { adapt: (body, call) => withSchema(withWordChoice(body, call)) };

export const localServers: Readonly<Record<string, Service>> = {
  ollama: {
    title: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    keyless: true,
    streamUsage: true,
    notes: 'A model is loaded at its first request: see `timeouts`.',
    source: 'docs.ollama.com/api/openai-compatibility',
  },
  'lm-studio': {
    title: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    otherNames: ['lmstudio'],
    keyless: true,
    streamUsage: true,
    differences: ({ protocol }) => (protocol === 'openai-chat' ? lmStudio : {}),
    notes:
      'A tool that must be called is offered alone, since it takes no objects for `tool_choice`; `json_object` becomes a schema.',
    source:
      'lmstudio.ai/docs/developer/openai-compat; github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189 and 670',
  },
  vllm: {
    title: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    keyless: true,
    streamUsage: true,
    notes: 'Takes a key where it was started with `--api-key`.',
    source: 'docs.vllm.ai/en/latest/serving/openai_compatible_server',
  },
  'llama.cpp': {
    title: 'llama.cpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    otherNames: ['llamacpp', 'llama-cpp'],
    keyless: true,
    streamUsage: true,
    source: 'github.com/ggml-org/llama.cpp/tree/master/tools/server',
  },
};
