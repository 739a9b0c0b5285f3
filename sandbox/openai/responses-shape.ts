/** What a Responses request must look like. */
import type { ResponseCreateParamsBase, ResponseInputItem, Tool } from 'openai/resources/responses/responses';
import { z } from 'zod';
import {
  anything,
  flag,
  integer,
  jsonObjectText,
  list,
  type ObjectShape,
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

/** api.openai.com refuses longer ids. */
const longestId = 64;

function id(prefix: string): Shape {
  return text({
    max: longestId,
    pattern: new RegExp(`^${prefix}_`),
    expected: `an id that begins with '${prefix}_'`,
  });
}
const callId = text({ min: 1, max: longestId });
const status = word('in_progress', 'completed', 'incomplete');

const breakpoint = { prompt_cache_breakpoint: object };
const inputText = record({ type: text(), text: text() }, breakpoint);
const inputPart = tagged('type', {
  input_text: inputText,
  input_image: record(
    { type: text() },
    {
      image_url: shared.imageUrl,
      file_id: text(),
      detail: word('auto', 'low', 'high', 'original'),
      ...breakpoint,
    },
  ),
  input_file: record(
    { type: text() },
    {
      file_data: shared.fileData,
      file_id: text(),
      file_url: text(),
      filename: text(),
      detail: text(),
      ...breakpoint,
    },
  ),
});
const outputPart = tagged('type', {
  output_text: record(
    { type: text(), text: text() },
    { annotations: list(object), logprobs: list(object), parsed: anything },
  ),
  refusal: record({ type: text(), refusal: text() }),
});

const messageFields = {
  id: id('msg'),
  type: word('message'),
  status,
  phase: word('commentary', 'final_answer'),
};
const inputMessage = record({ role: text(), content: textOr(list(inputPart)) }, messageFields);
const messageShape = tagged('role', {
  user: inputMessage,
  system: inputMessage,
  developer: inputMessage,
  assistant: record({ role: text(), content: textOr(list(outputPart)) }, messageFields),
});

const toolOutput = textOr(list(inputPart));
/** Tools that the provider runs, and their items: taken as they are. */
const open = object;

const items: Record<NonNullable<ResponseInputItem['type']>, ObjectShape> = {
  message: messageShape,
  function_call: record(
    { type: text(), call_id: callId, name: shared.name, arguments: jsonObjectText },
    {
      id: id('fc'),
      status,
      namespace: text(),
      caller: object,
      async: flag,
      // What the official SDK's stream helpers leave in calls.
      parsed_arguments: anything,
    },
  ),
  function_call_output: record(
    { type: text(), call_id: callId, output: toolOutput },
    { id: text({ max: longestId }), status, name: text(), namespace: text(), caller: object },
  ),
  custom_tool_call: record(
    { type: text(), call_id: callId, name: shared.name, input: text() },
    { id: id('ctc'), status, namespace: text(), caller: object, async: flag },
  ),
  custom_tool_call_output: record(
    { type: text(), call_id: callId, output: toolOutput },
    { id: text({ max: longestId }), status, caller: object },
  ),
  reasoning: record(
    { type: text(), summary: list(record({ type: word('summary_text'), text: text() })) },
    {
      id: id('rs'),
      content: list(record({ type: word('reasoning_text'), text: text() })),
      encrypted_content: text({ min: 1 }),
      status,
    },
  ),
  item_reference: record({ id: text({ min: 1, max: longestId }) }, { type: text() }),
  file_search_call: open,
  computer_call: open,
  computer_call_output: open,
  web_search_call: open,
  tool_search_call: open,
  tool_search_output: open,
  additional_tools: open,
  configuration_update: open,
  compaction: open,
  image_generation_call: open,
  code_interpreter_call: open,
  local_shell_call: open,
  local_shell_call_output: open,
  shell_call: open,
  shell_call_output: open,
  apply_patch_call: open,
  apply_patch_call_output: open,
  mcp_list_tools: open,
  mcp_approval_request: open,
  mcp_approval_response: open,
  mcp_call: open,
  compaction_trigger: open,
  program: open,
  program_output: open,
};

/** One input item; a message may leave its type out. */
const itemShape = tagged('type', items, 'message');

const functionTool = record(
  { type: text(), name: shared.name },
  {
    description: text(),
    parameters: object,
    strict: flag,
    defer_loading: flag,
    allowed_callers: list(text()),
    output_schema: object,
    async: flag,
    // Left over from Chat in recorded requests, and passed over by api.openai.com.
    function: object,
  },
);
const customTool = record(
  { type: text(), name: shared.name },
  {
    description: text(),
    format: object,
    defer_loading: flag,
    allowed_callers: list(text()),
    async: flag,
  },
);

const tools: Record<Tool['type'] | 'web_search_preview_2025_03_11' | 'web_search_2025_08_26', ObjectShape> = {
  function: functionTool,
  custom: customTool,
  namespace: record({ type: text(), name: text(), tools: list(object) }, { description: text() }),
  file_search: open,
  computer: open,
  computer_use_preview: open,
  web_search: open,
  web_search_2025_08_26: open,
  web_search_preview: open,
  web_search_preview_2025_03_11: open,
  mcp: open,
  code_interpreter: open,
  programmatic_tool_calling: open,
  image_generation: open,
  local_shell: open,
  shell: open,
  tool_search: open,
  apply_patch: open,
};

/** Types of tools that the provider runs itself. */
export const hostedToolTypes = Object.keys(tools).filter((type) => type !== 'function' && type !== 'custom');

const namedChoice = record({ type: text(), name: shared.name });
const choices: Record<string, ObjectShape> = Object.fromEntries(hostedToolTypes.map((type) => [type, open]));
choices.function = namedChoice;
choices.custom = namedChoice;
choices.allowed_tools = record({ type: text(), mode: word('auto', 'required'), tools: list(object, 1) });

const inputShape: Shape = textOr(list(itemShape));

const optional = {
  access_programs: anything,
  background: flag,
  context_management: list(object),
  conversation: z.union([text(), object]),
  image: object,
  include: list(
    word(
      'file_search_call.results',
      'web_search_call.results',
      'web_search_call.action.sources',
      'message.input_image.image_url',
      'computer_call_output.output.image_url',
      'code_interpreter_call.outputs',
      'reasoning.encrypted_content',
      'message.output_text.logprobs',
    ),
  ),
  input: inputShape,
  instructions: text(),
  // api.openai.com: "integer below minimum value", 16.
  max_output_tokens: integer(16),
  max_tool_calls: integer(1),
  metadata: shared.metadata,
  model: text({ min: 1 }),
  moderation: object,
  parallel_tool_calls: flag,
  previous_response_id: text({ min: 1 }),
  prompt: object,
  prompt_cache_key: shared.shortKey,
  prompt_cache_options: object,
  prompt_cache_retention: shared.cacheRetention,
  reasoning: record(
    {},
    {
      effort: shared.effort,
      summary: word('auto', 'concise', 'detailed'),
      generate_summary: word('auto', 'concise', 'detailed'),
      context: word('auto', 'current_turn', 'all_turns'),
      mode: text(),
    },
  ),
  safety_identifier: shared.shortKey,
  service_tier: shared.serviceTier,
  store: flag,
  stream: flag,
  stream_options: record({}, { include_obfuscation: flag }),
  temperature: shared.sampling.temperature,
  text: record(
    {},
    {
      format: tagged('type', {
        text: record({ type: text() }),
        json_object: record({ type: text() }),
        json_schema: record(
          { type: text(), name: shared.name, schema: object },
          { description: text(), strict: flag },
        ),
      }),
      verbosity: shared.verbosity,
    },
  ),
  tool_choice: wordOr(tagged('type', choices), 'none', 'auto', 'required'),
  tools: list(tagged('type', tools)),
  top_logprobs: integer(0, 20),
  top_p: shared.sampling.top_p,
  truncation: word('auto', 'disabled'),
  user: shared.shortKey,
} satisfies Record<keyof ResponseCreateParamsBase, Shape>;

export const bodyShape = record(
  { model: optional.model },
  // Codex sends client_metadata to every Responses upstream.
  { ...optional, client_metadata: object },
);
