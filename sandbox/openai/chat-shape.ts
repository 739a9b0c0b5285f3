/** What a Chat Completions request must look like. */
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions';
import {
  anything,
  base64,
  flag,
  integer,
  jsonObjectText,
  list,
  mapOf,
  number,
  object,
  record,
  type Shape,
  tagged,
  text,
  textOr,
  word,
  wordOr,
} from '../shape.ts';
import * as shared from './shared-shapes.ts';

const textPart = record({ type: word('text'), text: text() }, { prompt_cache_breakpoint: object });
const userPart = tagged('type', {
  text: textPart,
  image_url: record(
    {
      type: word('image_url'),
      image_url: record({ url: shared.imageUrl }, { detail: word('auto', 'low', 'high', 'original') }),
    },
    { prompt_cache_breakpoint: object },
  ),
  input_audio: record(
    {
      type: word('input_audio'),
      input_audio: record({ data: base64, format: word('wav', 'mp3') }),
    },
    { prompt_cache_breakpoint: object },
  ),
  file: record(
    {
      type: word('file'),
      file: record({}, { file_data: shared.fileData, file_id: text({ min: 1 }), filename: text() }),
    },
    { prompt_cache_breakpoint: object },
  ),
});
const textContent = textOr(list(textPart, 1));

/** api.openai.com refuses longer ids with `string too long`. */
const callId = text({ min: 1, max: 40 });
/** Clients that gather a stream send its index back; api.openai.com passes over it. */
const streamIndex = { index: integer(0) };
const toolCall = tagged('type', {
  function: record(
    {
      id: callId,
      type: word('function'),
      function: record({ name: shared.name, arguments: jsonObjectText }, { parsed_arguments: anything }),
    },
    streamIndex,
  ),
  custom: record(
    { id: callId, type: word('custom'), custom: record({ name: shared.name, input: text() }) },
    streamIndex,
  ),
});

const messageShape = tagged('role', {
  system: record({ role: text(), content: textContent }, { name: text() }),
  developer: record({ role: text(), content: textContent }, { name: text() }),
  user: record({ role: text(), content: textOr(list(userPart, 1)) }, { name: text() }),
  assistant: record(
    { role: text() },
    {
      content: textOr(
        list(
          tagged('type', {
            text: textPart,
            refusal: record({ type: word('refusal'), refusal: text() }),
          }),
        ),
      ),
      refusal: text(),
      name: text(),
      audio: record({ id: text() }),
      annotations: list(object),
      // What the official SDK's stream helpers leave in messages.
      parsed: anything,
      tool_calls: list(toolCall, 1),
      function_call: record({ name: text(), arguments: text() }),
      // What OpenAI-compatible servers add to their answers and take back.
      reasoning_content: text(),
      reasoning: text(),
      reasoning_details: list(object),
    },
  ),
  tool: record({ role: text(), content: textContent, tool_call_id: callId }, { name: text() }),
  function: record({ role: text(), content: text(), name: text() }),
});

const namedFunction = record({ type: word('function'), function: record({ name: shared.name }) });
const namedCustom = record({ type: word('custom'), custom: record({ name: shared.name }) });

const toolShape = tagged('type', {
  function: record({
    type: word('function'),
    function: record({ name: shared.name }, { description: text(), parameters: object, strict: flag }),
  }),
  custom: record({
    type: word('custom'),
    custom: record({ name: shared.name }, { description: text(), format: object }),
  }),
});

const optional = {
  audio: object,
  frequency_penalty: number(-2, 2),
  function_call: wordOr(object, 'none', 'auto'),
  functions: list(object, 1),
  logit_bias: mapOf(number(-100, 100)),
  logprobs: flag,
  max_completion_tokens: integer(1),
  max_tokens: integer(1),
  metadata: shared.metadata,
  modalities: list(word('text', 'audio'), 1),
  moderation: object,
  n: integer(1, 128),
  parallel_tool_calls: flag,
  prediction: object,
  presence_penalty: number(-2, 2),
  prompt_cache_key: shared.shortKey,
  prompt_cache_options: object,
  prompt_cache_retention: shared.cacheRetention,
  reasoning_effort: shared.effort,
  response_format: tagged('type', {
    text: record({ type: text() }),
    json_object: record({ type: text() }),
    json_schema: record({
      type: text(),
      json_schema: record({ name: shared.name }, { schema: object, description: text(), strict: flag }),
    }),
  }),
  safety_identifier: shared.shortKey,
  seed: integer(),
  service_tier: shared.serviceTier,
  stop: textOr(list(text(), 0, 4)),
  store: flag,
  stream: flag,
  stream_options: record({}, { include_usage: flag, include_obfuscation: flag }),
  temperature: shared.sampling.temperature,
  tool_choice: wordOr(
    tagged('type', {
      function: namedFunction,
      custom: namedCustom,
      allowed_tools: record({
        type: text(),
        allowed_tools: record({ mode: word('auto', 'required'), tools: list(object, 1) }),
      }),
    }),
    'none',
    'auto',
    'required',
  ),
  // "A max of 128 functions are supported."
  tools: list(toolShape, 1, 128),
  top_logprobs: integer(0, 20),
  top_p: shared.sampling.top_p,
  user: shared.shortKey,
  verbosity: shared.verbosity,
  web_search_options: object,
} satisfies Record<Exclude<keyof ChatCompletionCreateParamsBase, 'messages' | 'model'>, Shape>;

export const bodyShape = record({ model: text({ min: 1 }), messages: list(messageShape, 1) }, optional);
