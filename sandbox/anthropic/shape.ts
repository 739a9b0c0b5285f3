/** What a Messages request must look like. */
import type { BetaContentBlockParam } from '@anthropic-ai/sdk/resources/beta/messages/messages';
import type {
  MessageCountTokensParams,
  MessageCreateParamsBase,
} from '@anthropic-ai/sdk/resources/messages/messages';
import { z } from 'zod';
import { asObject, asString } from '../json-members.ts';
import {
  also,
  anything,
  base64,
  chosenBy,
  flag,
  integer,
  list,
  number,
  type ObjectShape,
  object,
  record,
  type Shape,
  tagged,
  text,
  textOr,
  word,
  wrong,
} from '../shape.ts';

const cacheControl = record({ type: word('ephemeral') }, { ttl: word('5m', '1h'), scope: text() });
const cached = { cache_control: cacheControl };

/** Text blocks must say something. */
const spoken: Shape = text({ pattern: /\S/, expected: 'text that is not only white space' });
const textBlock = record({ type: text(), text: spoken }, { ...cached, citations: list(object) });

const imageSource = tagged('type', {
  base64: record({
    type: text(),
    media_type: word('image/jpeg', 'image/png', 'image/gif', 'image/webp'),
    data: base64,
  }),
  url: record({ type: text(), url: text({ pattern: /^https?:\/\//, expected: 'an http(s) URL' }) }),
  file: record({ type: text(), file_id: text({ min: 1 }) }),
});
const image = record({ type: text(), source: imageSource }, { ...cached, transformations: object });

const document = record(
  {
    type: text(),
    source: tagged('type', {
      base64: record({ type: text(), media_type: word('application/pdf'), data: base64 }),
      text: record({ type: text(), media_type: word('text/plain'), data: text() }),
      content: record({
        type: text(),
        content: textOr(list(tagged('type', { text: textBlock, image }))),
      }),
      url: record({ type: text(), url: text({ pattern: /^https?:\/\//, expected: 'an http(s) URL' }) }),
      file: record({ type: text(), file_id: text({ min: 1 }) }),
    }),
  },
  { ...cached, citations: object, context: text(), title: text() },
);

const searchResult = record(
  { type: text(), source: text(), title: text(), content: list(textBlock) },
  { ...cached, citations: object },
);

const toolId = text({
  pattern: /^[a-zA-Z0-9_-]+$/,
  expected: 'letters, digits, underscores and dashes',
});
const toolName = text({
  pattern: /^[a-zA-Z0-9_-]{1,128}$/,
  expected: '1 to 128 letters, digits, underscores and dashes',
});

/** Blocks of tools that Anthropic runs: taken as they are. */
const open = object;

const blocks: Record<BetaContentBlockParam['type'], ObjectShape> = {
  text: textBlock,
  image,
  document,
  search_result: searchResult,
  thinking: record({ type: text(), thinking: text(), signature: text() }),
  redacted_thinking: record({ type: text(), data: text({ min: 1 }) }),
  tool_use: record(
    { type: text(), id: toolId, name: toolName, input: object },
    { ...cached, caller: object, toolset_name: text() },
  ),
  tool_result: record(
    { type: text(), tool_use_id: toolId },
    {
      ...cached,
      content: textOr(
        list(
          tagged('type', {
            text: textBlock,
            image,
            document,
            search_result: searchResult,
            tool_reference: open,
            browser_state: open,
          }),
        ),
      ),
      is_error: flag,
      toolset_name: text(),
    },
  ),
  server_tool_use: open,
  web_search_tool_result: open,
  web_fetch_tool_result: open,
  code_execution_tool_result: open,
  bash_code_execution_tool_result: open,
  text_editor_code_execution_tool_result: open,
  tool_search_tool_result: open,
  container_upload: open,
  mcp_tool_use: open,
  mcp_tool_result: open,
  compaction: open,
  advisor_tool_result: open,
  tool_addition: open,
  tool_removal: open,
  fallback: open,
  mcp_tool_listing: open,
};

const content = textOr(list(tagged('type', blocks)));
const messageShape = record({ role: word('user', 'assistant', 'system'), content });

const propertyKey = /^[a-zA-Z0-9_.-]{1,64}$/;

const inputSchema = also(z.looseObject({}, 'a JSON Schema'), (value) => {
  const schema = asObject(value) ?? {};
  if (schema.type !== 'object') return wrong('a JSON Schema with type: "object"', schema.type);
  // Only the names at the top are looked at: aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws#709.
  const named = Object.keys(asObject(schema.properties) ?? {}).find((key) => !propertyKey.test(key));
  if (named !== undefined) return wrong(`Property keys should match pattern '${propertyKey.source}'`, named);
  const combined = ['oneOf', 'allOf', 'anyOf'].find((keyword) => schema[keyword] !== undefined);
  return combined === undefined ? undefined : wrong(`no ${combined} at the top level`, schema[combined]);
});

const clientTool = record(
  { name: toolName, input_schema: inputSchema },
  {
    ...cached,
    type: word('custom'),
    description: text(),
    strict: flag,
    allowed_callers: list(text()),
    defer_loading: flag,
    eager_input_streaming: flag,
    input_examples: list(object),
  },
);

/** Anthropic's own tools carry their date: `web_search_20250305`. */
const datedType = /^[a-z0-9_]+_\d{8}$/;
const serverTool = also(object, (value) => {
  const type = asString(asObject(value)?.type) ?? '';
  return datedType.test(type) || type === 'mcp_toolset' ? undefined : wrong('a tool type', type);
});
const toolShape = chosenBy((value) => {
  const type = asString(asObject(value)?.type);
  return type === undefined || type === 'custom' ? clientTool : serverTool;
});

const choiceOptions = { disable_parallel_tool_use: flag };

/** https://github.com/BerriAI/litellm/issues/10106 */
const longestUser = 512;
const userId = also(text({ max: longestUser }), (value) =>
  // One that is too long is refused as that, and not looked through: it takes a time that grows with the square of the length.
  value.length <= longestUser && /[^\s@]+@[^\s@]+\.[^\s@]+/.test(value)
    ? wrong('a uuid or a hash value: user_id appears to contain an email address', value)
    : undefined,
);

const optional = {
  cache_control: cacheControl,
  container: anything,
  context_management: object,
  diagnostics: object,
  inference_geo: text(),
  mcp_servers: list(object),
  metadata: record({}, { user_id: userId }),
  output_config: record(
    {},
    {
      effort: word('low', 'medium', 'high', 'xhigh', 'max'),
      format: record({ type: word('json_schema'), schema: object }),
      task_budget: object,
    },
  ),
  output_format: record({ type: word('json_schema'), schema: object }),
  service_tier: word('auto', 'standard_only'),
  speed: word('standard', 'fast'),
  stop_sequences: list(text({ pattern: /\S/, expected: 'text that is not only white space' })),
  stream: flag,
  system: textOr(list(tagged('type', { text: textBlock }))),
  temperature: number(0, 1),
  thinking: tagged('type', {
    // https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking: at least 1,024 tokens.
    enabled: record(
      { type: text(), budget_tokens: integer(1024) },
      { display: word('summarized', 'omitted') },
    ),
    adaptive: record({ type: text() }, { display: word('summarized', 'omitted') }),
    between_tools: record({ type: text() }),
    disabled: record({ type: text() }),
  }),
  tool_choice: tagged('type', {
    auto: record({ type: text() }, choiceOptions),
    any: record({ type: text() }, choiceOptions),
    tool: record({ type: text(), name: toolName }, choiceOptions),
    none: record({ type: text() }),
  }),
  tools: list(toolShape),
  top_k: integer(0),
  top_p: number(0, 1),
  user_profile_id: text(),
  workspace_id: text(),
} satisfies Record<Exclude<keyof MessageCreateParamsBase, 'model' | 'max_tokens' | 'messages'>, Shape> &
  Record<string, Shape>;

const model = text({ min: 1 });
const messages = also(list(messageShape, 1), (value) => {
  const first = asObject(value[0]);
  return first?.role === 'user' ? undefined : wrong('the first message to be of the user', first?.role);
});

export const messageBody = record({ model, max_tokens: integer(1), messages }, optional);

type CountField = keyof MessageCountTokensParams;

/** Counting takes what shapes the prompt and refuses what shapes the answer. */
export const countBody = record({ model, messages }, {
  cache_control: optional.cache_control,
  context_management: optional.context_management,
  mcp_servers: optional.mcp_servers,
  output_config: optional.output_config,
  output_format: optional.output_format,
  speed: optional.speed,
  system: optional.system,
  thinking: optional.thinking,
  tool_choice: optional.tool_choice,
  tools: optional.tools,
} satisfies Partial<Record<CountField, Shape>> & Record<string, Shape>);
