/** What requests can ask: the data behind the first tables of docs/internals/translation-tables.md. */
import type { JsonObject } from '../../src/protocols/json.ts';
import { all, at, lacks, mentions, partly, type RequestFeature, says } from './feature.ts';
import { modelFeatures } from './model-features.ts';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const strictSchema = { ...schema, additionalProperties: false };
/** A PNG of one pixel, and files that only look like what they are called. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const pdf = 'JVBERi0xLjQK';
const wav = 'UklGRiQAAABXQVZF';
const mp4 = 'AAAAGGZ0eXBtcDQy';
const imageUrl = 'https://example.com/cat.png';
const pdfUrl = 'https://example.com/paper.pdf';

const chatTool = (more: JsonObject = {}): JsonObject => ({
  type: 'function',
  function: { name: 'weather', description: 'The weather', parameters: schema, ...more },
});
const responsesTool = (more: JsonObject = {}): JsonObject => ({
  type: 'function',
  name: 'weather',
  description: 'The weather',
  parameters: schema,
  strict: false,
  ...more,
});
const anthropicTool = (more: JsonObject = {}): JsonObject => ({
  name: 'weather',
  description: 'The weather',
  input_schema: schema,
  ...more,
});
const geminiTool: JsonObject = {
  functionDeclarations: [{ name: 'weather', description: 'The weather', parametersJsonSchema: schema }],
};

/** The four ways to declare the tool, with a choice. */
function tools(choice: {
  chat?: JsonObject;
  responses?: JsonObject;
  anthropic?: JsonObject;
  gemini?: JsonObject;
}): RequestFeature['asks'] {
  return {
    ...(choice.chat && { chat: { tools: [chatTool()], ...choice.chat } }),
    ...(choice.responses && { responses: { tools: [responsesTool()], ...choice.responses } }),
    ...(choice.anthropic && { anthropic: { tools: [anthropicTool()], ...choice.anthropic } }),
    ...(choice.gemini && {
      gemini: {
        tools: [geminiTool],
        ...(Object.keys(choice.gemini).length > 0 && {
          toolConfig: { functionCallingConfig: choice.gemini },
        }),
      },
    }),
  };
}

/** What a user says, in the content parts of each protocol. */
function said(parts: {
  chat?: JsonObject[];
  responses?: JsonObject[];
  anthropic?: JsonObject[];
  gemini?: JsonObject[];
}): RequestFeature['asks'] {
  return {
    ...(parts.chat && { chat: { messages: [{ role: 'user', content: parts.chat }] } }),
    ...(parts.responses && {
      responses: { input: [{ type: 'message', role: 'user', content: parts.responses }] },
    }),
    ...(parts.anthropic && { anthropic: { messages: [{ role: 'user', content: parts.anthropic }] } }),
    ...(parts.gemini && { gemini: { contents: [{ role: 'user', parts: parts.gemini }] } }),
  };
}

/** A call and its result; `isError` and content as each protocol says them. */
function answered(results: {
  chat?: JsonObject;
  responses?: JsonObject;
  anthropic?: JsonObject;
  gemini?: JsonObject;
}): RequestFeature['asks'] {
  const user = { role: 'user', content: 'Weather?' };
  return {
    ...(results.chat && {
      chat: {
        tools: [chatTool()],
        messages: [
          user,
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', ...results.chat },
        ],
      },
    }),
    ...(results.responses && {
      responses: {
        tools: [responsesTool()],
        input: [
          { type: 'message', ...user },
          { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Bonn"}' },
          { type: 'function_call_output', call_id: 'call_1', ...results.responses },
        ],
      },
    }),
    ...(results.anthropic && {
      anthropic: {
        tools: [anthropicTool()],
        messages: [
          user,
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Bonn' } }],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', ...results.anthropic }] },
        ],
      },
    }),
    ...(results.gemini && {
      gemini: {
        tools: [geminiTool],
        contents: [
          { role: 'user', parts: [{ text: 'Weather?' }] },
          {
            role: 'model',
            parts: [{ functionCall: { id: 'call_1', name: 'weather', args: { city: 'Bonn' } } }],
          },
          {
            role: 'user',
            parts: [{ functionResponse: { id: 'call_1', name: 'weather', ...results.gemini } }],
          },
        ],
      },
    }),
  };
}

/** A choice among objects, which upstreams take anywhere but at the root. */
const unionSchema: JsonObject = {
  anyOf: [
    { type: 'object', properties: { city: { type: 'string' } } },
    { type: 'object', properties: { zip: { type: 'string' } } },
  ],
};
const oneObject = (path: string) =>
  all(says(`${path}.type`, 'object'), says(`${path}.properties.city`), says(`${path}.properties.zip`));
const grammar = { syntax: 'lark', definition: 'start: WORD' };

const generation = (config: JsonObject): JsonObject => ({ generationConfig: config });
const thinkingConfig = (config: JsonObject): JsonObject => generation({ thinkingConfig: config });
/** A schema that OpenAI does not take at the root. */
const listSchema = { type: 'array', items: { type: 'string' } };
const inObject = 'inside of an object on the way, which answers come back without';
/** A schema with a property name that Claude refuses. */
const oddSchema = { type: 'object', properties: { $filter: { type: 'string' } } };
/** Half of a surrogate pair by itself. */
const half = 'cut \ud83d here';
const mended = partly(mentions('cut \ufffd here'));
const ladder = 'the effort of the table below';
const noSetting = 'no such setting there';

const reasoning: RequestFeature[] = [
  {
    name: 'effort',
    asks: {
      chat: { reasoning_effort: 'high' },
      responses: { reasoning: { effort: 'high' } },
      anthropic: { output_config: { effort: 'high' } },
      gemini: thinkingConfig({ thinkingLevel: 'HIGH', includeThoughts: true }),
    },
    heard: {
      chat: says('reasoning_effort', 'high'),
      responses: says('reasoning.effort', 'high'),
      anthropic: says('output_config.effort', 'high'),
      gemini: says('generationConfig.thinkingConfig.thinkingLevel', 'HIGH'),
    },
  },
  {
    name: 'budget of tokens',
    asks: {
      chat: { reasoning: { max_tokens: 8192 } },
      anthropic: { thinking: { type: 'enabled', budget_tokens: 8192 } },
      gemini: thinkingConfig({ thinkingBudget: 8192, includeThoughts: true }),
    },
    heard: {
      chat: partly(says('reasoning_effort', 'medium')),
      responses: partly(says('reasoning.effort', 'medium')),
      anthropic: says('thinking.budget_tokens', 8192),
      gemini: says('generationConfig.thinkingConfig.thinkingBudget', 8192),
    },
    notes: { chat: ladder, responses: ladder },
  },
  {
    name: 'as the model likes',
    asks: {
      chat: { reasoning: { enabled: true } },
      anthropic: { thinking: { type: 'adaptive' } },
      gemini: thinkingConfig({ thinkingBudget: -1, includeThoughts: true }),
    },
    heard: {
      chat: partly(says('reasoning_effort', 'medium')),
      responses: partly(says('reasoning.effort', 'medium')),
      anthropic: says('thinking.type', 'adaptive'),
      gemini: says('generationConfig.thinkingConfig.thinkingBudget', -1),
    },
    notes: { chat: 'medium, the default of OpenAI', responses: 'medium, the default of OpenAI' },
  },
  {
    name: 'no thinking',
    asks: {
      chat: { reasoning_effort: 'none' },
      responses: { reasoning: { effort: 'none' } },
      anthropic: { thinking: { type: 'disabled' } },
      gemini: thinkingConfig({ thinkingBudget: 0 }),
    },
    heard: {
      chat: says('reasoning_effort', 'none'),
      responses: says('reasoning.effort', 'none'),
      anthropic: says('thinking.type', 'disabled'),
      gemini: says('generationConfig.thinkingConfig.thinkingBudget', 0),
    },
  },
  {
    name: 'show the thinking',
    asks: {
      responses: { reasoning: { effort: 'high', summary: 'auto' } },
      anthropic: { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } },
      gemini: thinkingConfig({ thinkingLevel: 'HIGH', includeThoughts: true }),
    },
    heard: {
      chat: says('reasoning_effort', 'high'),
      responses: says('reasoning.summary', 'auto'),
      anthropic: says('thinking.type', 'adaptive'),
      gemini: says('generationConfig.thinkingConfig.includeThoughts', true),
    },
  },
];

const toolFeatures: RequestFeature[] = [
  {
    name: 'functions',
    asks: tools({ chat: {}, responses: {}, anthropic: {}, gemini: {} }),
    heard: {
      chat: all(says('tools.0.function.name', 'weather'), says('tools.0.function.parameters', schema)),
      responses: all(says('tools.0.name', 'weather'), says('tools.0.parameters', schema)),
      anthropic: all(says('tools.0.name', 'weather'), says('tools.0.input_schema', schema)),
      gemini: all(
        says('tools.0.functionDeclarations.0.name', 'weather'),
        says('tools.0.functionDeclarations.0.parametersJsonSchema', schema),
      ),
    },
  },
  {
    name: 'names that the upstream refuses',
    asks: {
      chat: { tools: [chatTool({ name: `files.${'x'.repeat(70)}` })] },
      responses: { tools: [responsesTool({ name: `files.${'x'.repeat(70)}` })] },
      anthropic: { tools: [anthropicTool({ name: `mcp__${'x'.repeat(140)}` })] },
      gemini: { tools: [{ functionDeclarations: [{ name: `files.${'x'.repeat(140)}` }] }] },
    },
    heard: {
      chat: partly(says('tools.0.function.name')),
      responses: partly(says('tools.0.name')),
      anthropic: partly(says('tools.0.name')),
      gemini: partly(says('tools.0.functionDeclarations.0.name')),
    },
    notes: Object.fromEntries(
      ['chat', 'responses', 'anthropic', 'gemini'].map((name) => [
        name,
        'another name on the way, mapped back in calls',
      ]),
    ),
  },
  {
    name: 'property names outside of `[a-zA-Z0-9_.-]`',
    asks: {
      chat: { tools: [chatTool({ parameters: oddSchema })] },
      responses: { tools: [responsesTool({ parameters: oddSchema })] },
      anthropic: { tools: [anthropicTool({ input_schema: oddSchema })] },
      gemini: {
        tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: oddSchema }] }],
      },
    },
    heard: {
      chat: says('tools.0.function.parameters', oddSchema),
      responses: says('tools.0.parameters', oddSchema),
      anthropic: partly(all(mentions('_filter_'), lacks('tools.0.input_schema.properties.$filter'))),
      gemini: says('tools.0.functionDeclarations.0.parametersJsonSchema', oddSchema),
    },
    notes: { anthropic: 'other names on the way, mapped back in calls' },
  },
  {
    name: 'a schema whose root has no `properties`',
    asks: {
      chat: { tools: [chatTool({ parameters: { type: 'object' } })] },
      responses: { tools: [responsesTool({ parameters: { type: 'object' } })] },
      anthropic: { tools: [anthropicTool({ input_schema: { type: 'object' } })] },
      gemini: {
        tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: { type: 'object' } }] }],
      },
    },
    heard: {
      chat: says('tools.0.function.parameters', { type: 'object', properties: {} }),
      responses: says('tools.0.parameters', { type: 'object', properties: {} }),
      anthropic: says('tools.0.input_schema.type', 'object'),
      gemini: says('tools.0.functionDeclarations.0.name', 'weather'),
    },
  },
  {
    name: 'a schema whose root is a choice of objects',
    asks: {
      chat: { tools: [chatTool({ parameters: unionSchema })] },
      responses: { tools: [responsesTool({ parameters: unionSchema })] },
      anthropic: { tools: [anthropicTool({ input_schema: unionSchema })] },
      gemini: { tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: unionSchema }] }] },
    },
    heard: {
      chat: partly(oneObject('tools.0.function.parameters')),
      responses: partly(oneObject('tools.0.parameters')),
      anthropic: partly(oneObject('tools.0.input_schema')),
      gemini: partly(oneObject('tools.0.functionDeclarations.0.parametersJsonSchema')),
    },
    notes: Object.fromEntries(
      ['chat', 'responses', 'anthropic', 'gemini'].map((name) => [
        name,
        'one object with the properties of all',
      ]),
    ),
  },
  {
    name: '`strict` arguments',
    asks: {
      chat: { tools: [chatTool({ strict: true, parameters: strictSchema })] },
      responses: { tools: [responsesTool({ strict: true, parameters: strictSchema })] },
      anthropic: { tools: [anthropicTool({ strict: true, input_schema: strictSchema })] },
    },
    heard: {
      chat: says('tools.0.function.strict', true),
      responses: says('tools.0.strict', true),
      anthropic: says('tools.0.strict', true),
    },
    notes: {
      anthropic: 'schemas are compiled there, and many that others take are refused',
      gemini: 'arguments are not held to the schema there',
    },
  },
  {
    name: 'choice `none`',
    asks: tools({
      chat: { tool_choice: 'none' },
      responses: { tool_choice: 'none' },
      anthropic: { tool_choice: { type: 'none' } },
      gemini: { mode: 'NONE' },
    }),
    heard: {
      chat: says('tool_choice', 'none'),
      responses: says('tool_choice', 'none'),
      anthropic: says('tool_choice.type', 'none'),
      gemini: says('toolConfig.functionCallingConfig.mode', 'NONE'),
    },
  },
  {
    name: 'choice: any tool',
    asks: tools({
      chat: { tool_choice: 'required' },
      responses: { tool_choice: 'required' },
      anthropic: { tool_choice: { type: 'any' } },
      gemini: { mode: 'ANY' },
    }),
    heard: {
      chat: says('tool_choice', 'required'),
      responses: says('tool_choice', 'required'),
      anthropic: says('tool_choice.type', 'any'),
      gemini: says('toolConfig.functionCallingConfig.mode', 'ANY'),
    },
  },
  {
    name: 'choice: this tool',
    asks: tools({
      chat: { tool_choice: { type: 'function', function: { name: 'weather' } } },
      responses: { tool_choice: { type: 'function', name: 'weather' } },
      anthropic: { tool_choice: { type: 'tool', name: 'weather' } },
      gemini: { mode: 'ANY', allowedFunctionNames: ['weather'] },
    }),
    heard: {
      chat: says('tool_choice.function.name', 'weather'),
      responses: says('tool_choice.name', 'weather'),
      anthropic: says('tool_choice.name', 'weather'),
      gemini: says('toolConfig.functionCallingConfig.allowedFunctionNames', ['weather']),
    },
  },
  {
    name: 'choice among some tools',
    asks: {
      chat: {
        tools: [chatTool(), chatTool({ name: 'clock' }), chatTool({ name: 'mail' })],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: {
            mode: 'required',
            tools: ['weather', 'clock'].map((name) => ({ type: 'function', function: { name } })),
          },
        },
      },
      responses: {
        tools: [responsesTool(), responsesTool({ name: 'clock' }), responsesTool({ name: 'mail' })],
        tool_choice: {
          type: 'allowed_tools',
          mode: 'required',
          tools: ['weather', 'clock'].map((name) => ({ type: 'function', name })),
        },
      },
      gemini: {
        tools: [
          { functionDeclarations: ['weather', 'clock', 'mail'].map((name) => ({ name, description: name })) },
        ],
        toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather', 'clock'] } },
      },
    },
    heard: {
      chat: says('tool_choice.allowed_tools.mode', 'required'),
      responses: says('tool_choice.mode', 'required'),
      anthropic: partly(all(says('tool_choice.type', 'any'), lacks('tools.2'))),
      gemini: says('toolConfig.functionCallingConfig.allowedFunctionNames', ['weather', 'clock']),
    },
    models: { chat: 'gpt-5.2' },
    notes: { anthropic: 'the other tools are left out' },
  },
  {
    name: 'one call at a time',
    asks: tools({
      chat: { parallel_tool_calls: false },
      responses: { parallel_tool_calls: false },
      anthropic: { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    }),
    heard: {
      chat: says('parallel_tool_calls', false),
      responses: says('parallel_tool_calls', false),
      anthropic: says('tool_choice.disable_parallel_tool_use', true),
    },
    notes: { gemini: 'the model decides itself' },
  },
  {
    name: 'custom tools (free text)',
    asks: {
      chat: { tools: [{ type: 'custom', custom: { name: 'patch', description: 'A patch' } }] },
      responses: { tools: [{ type: 'custom', name: 'patch', description: 'A patch' }] },
    },
    heard: {
      chat: partly(says('tools.0.function.parameters.properties.input')),
      responses: says('tools.0.type', 'custom'),
      anthropic: partly(says('tools.0.input_schema.properties.input')),
      gemini: partly(says('tools.0.functionDeclarations.0.parametersJsonSchema.properties.input')),
    },
    notes: Object.fromEntries(
      ['chat', 'anthropic', 'gemini'].map((name) => [
        name,
        'a function with one text argument; calls come back as free text',
      ]),
    ),
  },
  {
    name: 'the grammar of a custom tool',
    asks: {
      chat: { tools: [{ type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar } } }] },
      responses: { tools: [{ type: 'custom', name: 'patch', format: { type: 'grammar', ...grammar } }] },
    },
    heard: {
      chat: partly(mentions(grammar.definition)),
      responses: says('tools.0.format', { type: 'grammar', ...grammar }),
      anthropic: partly(mentions(grammar.definition)),
      gemini: partly(mentions(grammar.definition)),
    },
    notes: Object.fromEntries(
      ['chat', 'anthropic', 'gemini'].map((name) => [name, 'moved to the description']),
    ),
  },
  {
    name: 'the provider’s tools that the client runs (shells, editors, the computer)',
    asks: {
      responses: { tools: [{ type: 'shell' }], tool_choice: { type: 'shell' } },
      anthropic: {
        tools: [{ type: 'bash_20250124', name: 'shell' }],
        tool_choice: { type: 'tool', name: 'shell' },
      },
    },
    heard: {
      chat: partly(all(says('tools.0.function.name', 'shell'), says('tool_choice.function.name', 'shell'))),
      responses: partly(all(says('tools.0.name', 'shell'), says('tool_choice.name', 'shell'))),
      anthropic: partly(all(says('tools.0.name', 'shell'), says('tool_choice.name', 'shell'))),
      gemini: partly(
        all(
          says('tools.0.functionDeclarations.0.name', 'shell'),
          says('toolConfig.functionCallingConfig.allowedFunctionNames', ['shell']),
        ),
      ),
    },
    notes: Object.fromEntries(
      ['chat', 'responses', 'anthropic', 'gemini'].map((name) => [
        name,
        'a function with their documented input; calls come back as their own',
      ]),
    ),
  },
  {
    name: 'image in a tool result',
    asks: answered({
      chat: {
        content: [
          { type: 'text', text: 'a map' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
        ],
      },
      responses: {
        output: [
          { type: 'input_text', text: 'a map' },
          { type: 'input_image', image_url: `data:image/png;base64,${png}` },
        ],
      },
      anthropic: {
        content: [
          { type: 'text', text: 'a map' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
        ],
      },
      gemini: {
        response: { output: 'a map' },
        parts: [{ inlineData: { mimeType: 'image/png', data: png } }],
      },
    }),
    heard: {
      chat: partly(mentions(png)),
      responses: says('input.2.output.1.type', 'input_image'),
      anthropic: says('messages.2.content.0.content.1.type', 'image'),
      gemini: mentions(png),
    },
    notes: { chat: 'a message of the user behind the results: tool messages hold text' },
  },
  {
    name: 'a tool that failed',
    asks: answered({
      anthropic: { content: 'no such city', is_error: true },
      gemini: { response: { error: 'no such city' } },
    }),
    heard: {
      anthropic: says('messages.2.content.0.is_error', true),
      gemini: says('contents.2.parts.0.functionResponse.response.error', 'no such city'),
    },
    notes: { chat: 'no flag there: the text has it', responses: 'no flag there: the text has it' },
  },
];

const hosted: RequestFeature[] = [
  {
    name: 'web search',
    asks: {
      chat: { web_search_options: {} },
      responses: { tools: [{ type: 'web_search' }] },
      anthropic: { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      gemini: { tools: [{ googleSearch: {} }] },
    },
    heard: {
      chat: says('web_search_options'),
      responses: says('tools.0.type', 'web_search'),
      anthropic: says('tools.0.name', 'web_search'),
      gemini: says('tools.0.googleSearch'),
    },
    models: { chat: 'gpt-4o-search-preview' },
  },
  {
    name: 'web search on some sites',
    asks: {
      responses: { tools: [{ type: 'web_search', filters: { allowed_domains: ['example.com'] } }] },
      anthropic: {
        tools: [{ type: 'web_search_20250305', name: 'web_search', allowed_domains: ['example.com'] }],
      },
    },
    heard: {
      chat: partly(says('web_search_options')),
      responses: says('tools.0.filters.allowed_domains', ['example.com']),
      anthropic: says('tools.0.allowed_domains', ['example.com']),
      gemini: partly(says('tools.0.googleSearch')),
    },
    models: { chat: 'gpt-4o-search-preview' },
    notes: { chat: 'searches everywhere', gemini: 'searches everywhere' },
  },
  {
    name: 'code execution',
    asks: {
      responses: { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] },
      anthropic: { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
      gemini: { tools: [{ codeExecution: {} }] },
    },
    heard: {
      responses: says('tools.0.type', 'code_interpreter'),
      anthropic: says('tools.0.name', 'code_execution'),
      gemini: says('tools.0.codeExecution'),
    },
    notes: { chat: 'no such tool there' },
  },
  {
    name: 'reading of URLs',
    asks: {
      anthropic: { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] },
      gemini: { tools: [{ urlContext: {} }] },
    },
    heard: {
      anthropic: says('tools.0.name', 'web_fetch'),
      gemini: says('tools.0.urlContext'),
    },
    notes: { chat: 'no such tool there', responses: 'no such tool there' },
  },
  {
    name: 'image generation as a tool',
    asks: { responses: { tools: [{ type: 'image_generation' }] } },
    heard: {},
    notes: {
      chat: 'no such tool there',
      anthropic: 'the provider makes no images',
      gemini: 'no such tool there: image models answer with images by themselves',
    },
  },
  {
    name: 'search in stored files',
    asks: {
      responses: { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] },
      gemini: { tools: [{ fileSearch: { fileSearchStoreNames: ['fileSearchStores/1'] } }] },
    },
    heard: {},
    notes: Object.fromEntries(
      ['chat', 'responses', 'anthropic', 'gemini'].map((name) => [name, 'the files lie with one provider']),
    ),
  },
];

const form: RequestFeature[] = [
  {
    name: 'any JSON',
    asks: {
      chat: { response_format: { type: 'json_object' } },
      responses: { text: { format: { type: 'json_object' } } },
      gemini: generation({ responseMimeType: 'application/json' }),
    },
    heard: {
      chat: partly(says('response_format.type', 'json_schema')),
      responses: partly(says('text.format.type', 'json_schema')),
      gemini: says('generationConfig.responseMimeType', 'application/json'),
    },
    notes: {
      chat: 'a schema of any object, where no message has the word JSON',
      responses: 'a schema of any object, where no message has the word JSON',
      anthropic: 'schemas only there',
    },
  },
  {
    name: 'JSON by a schema',
    asks: {
      chat: {
        response_format: { type: 'json_schema', json_schema: { name: 'place', schema: strictSchema } },
      },
      responses: { text: { format: { type: 'json_schema', name: 'place', schema: strictSchema } } },
      anthropic: { output_config: { format: { type: 'json_schema', schema: strictSchema } } },
      gemini: generation({ responseMimeType: 'application/json', responseJsonSchema: strictSchema }),
    },
    heard: {
      chat: says('response_format.json_schema.schema.required', ['city']),
      responses: says('text.format.schema.required', ['city']),
      anthropic: says('output_config.format.schema.required', ['city']),
      gemini: says('generationConfig.responseJsonSchema.required', ['city']),
    },
  },
  {
    name: 'a schema of a list, a choice or a word',
    asks: {
      chat: { response_format: { type: 'json_schema', json_schema: { name: 'places', schema: listSchema } } },
      responses: { text: { format: { type: 'json_schema', name: 'places', schema: listSchema } } },
      anthropic: { output_config: { format: { type: 'json_schema', schema: listSchema } } },
      gemini: generation({ responseMimeType: 'application/json', responseJsonSchema: listSchema }),
    },
    heard: {
      chat: partly(says('response_format.json_schema.schema.properties.value', listSchema)),
      responses: partly(says('text.format.schema.properties.value', listSchema)),
      anthropic: says('output_config.format.schema', listSchema),
      gemini: says('generationConfig.responseJsonSchema', listSchema),
    },
    notes: { chat: inObject, responses: inObject },
  },
  {
    name: 'property names of a schema outside of `[a-zA-Z0-9_.-]`',
    asks: {
      chat: { response_format: { type: 'json_schema', json_schema: { name: 'place', schema: oddSchema } } },
      responses: { text: { format: { type: 'json_schema', name: 'place', schema: oddSchema } } },
      gemini: generation({ responseMimeType: 'application/json', responseJsonSchema: oddSchema }),
    },
    heard: {
      chat: mentions('"$filter"'),
      responses: mentions('"$filter"'),
      anthropic: partly(mentions('"_filter_')),
      gemini: mentions('"$filter"'),
    },
    notes: { anthropic: 'other names on the way, mapped back in answers' },
  },
  {
    name: 'limits in a schema (`minimum`, `maxLength` …)',
    asks: {
      chat: {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'age',
            schema: { type: 'object', properties: { age: { type: 'integer', maximum: 150 } } },
          },
        },
      },
      responses: {
        text: {
          format: {
            type: 'json_schema',
            name: 'age',
            schema: { type: 'object', properties: { age: { type: 'integer', maximum: 150 } } },
          },
        },
      },
      gemini: generation({
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', properties: { age: { type: 'integer', maximum: 150 } } },
      }),
    },
    heard: {
      chat: says('response_format.json_schema.schema.properties.age.maximum', 150),
      responses: says('text.format.schema.properties.age.maximum', 150),
      anthropic: partly(mentions('150')),
      gemini: says('generationConfig.responseJsonSchema.properties.age.maximum', 150),
    },
    notes: { anthropic: 'moved to the description' },
  },
];

const content: RequestFeature[] = [
  {
    name: 'half a character by itself',
    asks: said({
      chat: [{ type: 'text', text: half }],
      responses: [{ type: 'input_text', text: half }],
      anthropic: [{ type: 'text', text: half }],
      gemini: [{ text: half }],
    }),
    heard: { chat: mended, responses: mended, anthropic: mended, gemini: mended },
    notes: Object.fromEntries(
      ['chat', 'responses', 'anthropic', 'gemini'].map((name) => [name, 'U+FFFD: providers refuse it']),
    ),
  },
  {
    name: 'image, inline',
    asks: said({
      chat: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }],
      responses: [{ type: 'input_image', image_url: `data:image/png;base64,${png}` }],
      anthropic: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }],
      gemini: [{ inlineData: { mimeType: 'image/png', data: png } }],
    }),
    heard: {
      chat: says('messages.0.content.0.image_url.url', `data:image/png;base64,${png}`),
      responses: says('input.0.content.0.image_url', `data:image/png;base64,${png}`),
      anthropic: says('messages.0.content.0.source.data', png),
      gemini: says('contents.0.parts.0.inlineData.data', png),
    },
  },
  {
    name: 'image, by URL',
    asks: said({
      chat: [{ type: 'image_url', image_url: { url: imageUrl } }],
      responses: [{ type: 'input_image', image_url: imageUrl }],
      anthropic: [{ type: 'image', source: { type: 'url', url: imageUrl } }],
      gemini: [{ fileData: { mimeType: 'image/png', fileUri: imageUrl } }],
    }),
    heard: {
      chat: says('messages.0.content.0.image_url.url', imageUrl),
      responses: says('input.0.content.0.image_url', imageUrl),
      anthropic: says('messages.0.content.0.source.url', imageUrl),
      gemini: says('contents.0.parts.0.fileData.fileUri', imageUrl),
    },
  },
  {
    name: 'image detail',
    asks: said({
      chat: [{ type: 'image_url', image_url: { url: imageUrl, detail: 'low' } }],
      responses: [{ type: 'input_image', image_url: imageUrl, detail: 'low' }],
    }),
    heard: {
      chat: says('messages.0.content.0.image_url.detail', 'low'),
      responses: says('input.0.content.0.detail', 'low'),
    },
    notes: { anthropic: noSetting, gemini: 'one setting for all images there' },
  },
  {
    name: 'PDF, inline',
    asks: said({
      chat: [{ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } }],
      responses: [{ type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` }],
      anthropic: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } }],
      gemini: [{ inlineData: { mimeType: 'application/pdf', data: pdf } }],
    }),
    heard: {
      chat: says('messages.0.content.0.file.file_data', `data:application/pdf;base64,${pdf}`),
      responses: says('input.0.content.0.file_data', `data:application/pdf;base64,${pdf}`),
      anthropic: says('messages.0.content.0.source.data', pdf),
      gemini: says('contents.0.parts.0.inlineData.data', pdf),
    },
    notes: { gemini: { chat: 'without its name', responses: 'without its name' } },
  },
  {
    name: 'PDF, by URL',
    asks: said({
      responses: [{ type: 'input_file', file_url: pdfUrl }],
      anthropic: [{ type: 'document', source: { type: 'url', url: pdfUrl } }],
      gemini: [{ fileData: { mimeType: 'application/pdf', fileUri: pdfUrl } }],
    }),
    heard: {
      chat: partly(mentions(pdfUrl)),
      responses: says('input.0.content.0.file_url', pdfUrl),
      anthropic: says('messages.0.content.0.source.url', pdfUrl),
      gemini: says('contents.0.parts.0.fileData.fileUri', pdfUrl),
    },
    notes: { chat: 'the URL as `file_data`, which compatible servers fetch' },
  },
  {
    name: 'text document with a title',
    asks: said({
      anthropic: [
        {
          type: 'document',
          title: 'Notes',
          source: { type: 'text', media_type: 'text/plain', data: 'the notes' },
        },
      ],
    }),
    heard: {
      chat: mentions('Notes'),
      responses: mentions('Notes'),
      gemini: all(mentions('Notes'), mentions('the notes')),
    },
  },
  {
    name: 'audio',
    asks: said({
      chat: [{ type: 'input_audio', input_audio: { format: 'wav', data: wav } }],
      gemini: [{ inlineData: { mimeType: 'audio/wav', data: wav } }],
    }),
    heard: {
      chat: says('messages.0.content.0.input_audio.data', wav),
      responses: says('input.0.content.0.input_audio.data', wav),
      gemini: says('contents.0.parts.0.inlineData.data', wav),
    },
    notes: { anthropic: 'the models hear nothing' },
  },
  {
    name: 'video',
    asks: said({ gemini: [{ inlineData: { mimeType: 'video/mp4', data: mp4 } }] }),
    heard: { chat: mentions(mp4) },
    notes: { responses: 'the models see no video', anthropic: 'the models see no video' },
  },
  {
    name: "files in a provider's store",
    asks: said({
      chat: [{ type: 'file', file: { file_id: 'file-1' } }],
      responses: [{ type: 'input_file', file_id: 'file-1' }],
      anthropic: [{ type: 'document', source: { type: 'file', file_id: 'file_1' } }],
    }),
    heard: {
      chat: says('messages.0.content.0.file.file_id', 'file-1'),
      responses: says('input.0.content.0.file_id', 'file-1'),
    },
    notes: {
      chat: { anthropic: 'the file lies with one provider' },
      responses: { anthropic: 'the file lies with one provider' },
      anthropic: 'the file lies with one provider',
      gemini: 'the file lies with one provider',
    },
  },
  {
    name: 'citations wanted',
    asks: said({
      anthropic: [
        {
          type: 'document',
          citations: { enabled: true },
          source: { type: 'base64', media_type: 'application/pdf', data: pdf },
        },
      ],
    }),
    heard: {},
    notes: { chat: noSetting, responses: noSetting, gemini: noSetting },
  },
  {
    name: 'a picture inside of a document',
    asks: said({
      anthropic: [
        {
          type: 'document',
          source: {
            type: 'content',
            content: [
              { type: 'text', text: 'page 1' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            ],
          },
        },
      ],
    }),
    heard: {
      chat: all(mentions('page 1'), mentions(png)),
      responses: all(mentions('page 1'), mentions(png)),
      gemini: all(mentions('page 1'), mentions(png)),
    },
  },
  {
    name: '`phase` of an earlier answer',
    asks: {
      responses: {
        input: [
          { type: 'message', role: 'assistant', phase: 'commentary', content: 'Hm.' },
          { type: 'message', role: 'user', content: 'Hello' },
        ],
      },
    },
    heard: {},
    notes: Object.fromEntries(
      ['chat', 'anthropic', 'gemini'].map((name) => [name, 'only OpenAI’s models mark their messages so']),
    ),
  },
  {
    name: 'cache markers',
    asks: {
      anthropic: {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } }] },
        ],
      },
      chat: {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } }] },
        ],
      },
    },
    heard: {
      chat: says('messages.0.content.0.cache_control.type', 'ephemeral'),
      anthropic: says('messages.0.content.0.cache_control.type', 'ephemeral'),
    },
    models: { chat: 'anthropic/claude-opus-4-6' },
    notes: { responses: 'the upstream caches automatically', gemini: 'the upstream caches automatically' },
  },
  {
    name: 'system text within the conversation',
    asks: {
      chat: {
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'system', content: 'Be brief' },
          { role: 'user', content: 'Go on' },
        ],
      },
      responses: {
        input: [
          { role: 'user', content: 'Hello' },
          { role: 'developer', content: 'Be brief' },
          { role: 'user', content: 'Go on' },
        ],
      },
    },
    heard: {
      chat: says('messages.1.content', 'Be brief'),
      responses: mentions('Be brief'),
      anthropic: partly((body) => mentions('Be brief')({ system: at(body, 'system') })),
      gemini: partly((body) => mentions('Be brief')({ system: at(body, 'systemInstruction') })),
    },
    notes: { anthropic: 'moved before the conversation', gemini: 'moved before the conversation' },
  },
];

const parameters: RequestFeature[] = [
  {
    name: 'most tokens',
    asks: {
      chat: { max_completion_tokens: 500 },
      responses: { max_output_tokens: 500 },
      anthropic: { max_tokens: 500 },
      gemini: generation({ maxOutputTokens: 500 }),
    },
    heard: {
      chat: says('max_tokens', 500),
      responses: says('max_output_tokens', 500),
      anthropic: says('max_tokens', 500),
      gemini: says('generationConfig.maxOutputTokens', 500),
    },
  },
  {
    name: 'temperature up to 1',
    asks: {
      chat: { temperature: 0.3 },
      responses: { temperature: 0.3 },
      anthropic: { temperature: 0.3 },
      gemini: generation({ temperature: 0.3 }),
    },
    heard: {
      chat: says('temperature', 0.3),
      responses: says('temperature', 0.3),
      anthropic: says('temperature', 0.3),
      gemini: says('generationConfig.temperature', 0.3),
    },
  },
  {
    name: 'temperature above 1',
    asks: {
      chat: { temperature: 1.4 },
      responses: { temperature: 1.4 },
      gemini: generation({ temperature: 1.4 }),
    },
    heard: {
      chat: says('temperature', 1.4),
      responses: says('temperature', 1.4),
      anthropic: partly(says('temperature', 1)),
      gemini: says('generationConfig.temperature', 1.4),
    },
    notes: { anthropic: '1, the most it takes' },
  },
  {
    name: '`top_p`',
    asks: {
      chat: { top_p: 0.8 },
      responses: { top_p: 0.8 },
      anthropic: { top_p: 0.8 },
      gemini: generation({ topP: 0.8 }),
    },
    heard: {
      chat: says('top_p', 0.8),
      responses: says('top_p', 0.8),
      anthropic: says('top_p', 0.8),
      gemini: says('generationConfig.topP', 0.8),
    },
  },
  {
    name: 'temperature and `top_p` together',
    asks: {
      chat: { temperature: 0.3, top_p: 0.8 },
      responses: { temperature: 0.3, top_p: 0.8 },
      gemini: generation({ temperature: 0.3, topP: 0.8 }),
    },
    heard: {
      chat: all(says('temperature', 0.3), says('top_p', 0.8)),
      responses: all(says('temperature', 0.3), says('top_p', 0.8)),
      anthropic: partly(says('temperature', 0.3)),
      gemini: all(says('generationConfig.temperature', 0.3), says('generationConfig.topP', 0.8)),
    },
    notes: { anthropic: 'temperature alone: both are refused' },
  },
  {
    name: '`top_k`',
    asks: {
      chat: { top_k: 20 },
      anthropic: { top_k: 20 },
      gemini: generation({ topK: 20 }),
    },
    heard: {
      chat: says('top_k', 20),
      anthropic: says('top_k', 20),
      gemini: says('generationConfig.topK', 20),
    },
    notes: { chat: 'strict servers refuse it', responses: noSetting },
  },
  {
    name: 'stop sequences',
    asks: {
      chat: { stop: ['END'] },
      anthropic: { stop_sequences: ['END'] },
      gemini: generation({ stopSequences: ['END'] }),
    },
    heard: {
      chat: says('stop', ['END']),
      anthropic: says('stop_sequences', ['END']),
      gemini: says('generationConfig.stopSequences', ['END']),
    },
    notes: { responses: noSetting },
  },
  {
    name: '`n` answers',
    asks: { chat: { n: 2 }, gemini: generation({ candidateCount: 2 }) },
    heard: { chat: says('n', 2), gemini: says('generationConfig.candidateCount', 2) },
    notes: { responses: noSetting, anthropic: noSetting },
  },
  {
    name: 'seed',
    asks: { chat: { seed: 7 }, gemini: generation({ seed: 7 }) },
    heard: { chat: says('seed', 7), gemini: says('generationConfig.seed', 7) },
    notes: { responses: noSetting, anthropic: noSetting },
  },
  {
    name: 'penalties',
    asks: {
      chat: { presence_penalty: 0.5, frequency_penalty: 0.5 },
      gemini: generation({ presencePenalty: 0.5, frequencyPenalty: 0.5 }),
    },
    heard: {
      chat: all(says('presence_penalty', 0.5), says('frequency_penalty', 0.5)),
      gemini: all(
        says('generationConfig.presencePenalty', 0.5),
        says('generationConfig.frequencyPenalty', 0.5),
      ),
    },
    notes: { responses: noSetting, anthropic: noSetting },
  },
  {
    name: 'log probabilities',
    asks: {
      chat: { logprobs: true, top_logprobs: 2 },
      responses: { top_logprobs: 2, include: ['message.output_text.logprobs'] },
      gemini: generation({ responseLogprobs: true, logprobs: 2 }),
    },
    heard: {
      chat: all(says('logprobs', true), says('top_logprobs', 2)),
      responses: all(says('top_logprobs', 2), mentions('message.output_text.logprobs')),
      gemini: all(says('generationConfig.responseLogprobs', true), says('generationConfig.logprobs', 2)),
    },
    notes: { anthropic: 'not reported there' },
  },
  {
    name: '`logit_bias`',
    asks: { chat: { logit_bias: { '50256': -100 } } },
    heard: {},
    notes: { responses: noSetting, anthropic: noSetting, gemini: 'tokens have other numbers there' },
  },
  {
    name: 'service tier',
    asks: {
      chat: { service_tier: 'priority' },
      responses: { service_tier: 'priority' },
      anthropic: { service_tier: 'standard_only' },
    },
    heard: {
      chat: says('service_tier'),
      responses: says('service_tier'),
      anthropic: partly(says('service_tier', 'auto')),
    },
    notes: { anthropic: '`auto`, which uses reserved capacity', gemini: noSetting },
  },
  {
    name: 'user',
    asks: {
      chat: { user: 'u-1' },
      responses: { safety_identifier: 'u-1' },
      anthropic: { metadata: { user_id: 'u-1' } },
    },
    heard: {
      chat: says('user', 'u-1'),
      responses: says('user', 'u-1'),
      anthropic: says('metadata.user_id', 'u-1'),
    },
    notes: { gemini: noSetting },
  },
  {
    name: 'metadata',
    asks: { chat: { metadata: { team: 'a' } }, responses: { metadata: { team: 'a' } } },
    heard: { chat: says('metadata.team', 'a'), responses: says('metadata.team', 'a') },
    notes: {
      chat: 'only stored answers have it',
      anthropic: 'only a user id there',
      gemini: noSetting,
    },
  },
  {
    name: 'prompt cache key',
    asks: { chat: { prompt_cache_key: 'k' }, responses: { prompt_cache_key: 'k' } },
    heard: { chat: says('prompt_cache_key', 'k'), responses: says('prompt_cache_key', 'k') },
    notes: { anthropic: noSetting, gemini: noSetting },
  },
  {
    name: 'verbosity',
    asks: { chat: { verbosity: 'low' }, responses: { text: { verbosity: 'low' } } },
    heard: { chat: says('verbosity', 'low'), responses: says('text.verbosity', 'low') },
    models: { chat: 'gpt-5.2' },
    notes: { anthropic: noSetting, gemini: noSetting },
  },
  {
    name: 'images in the answer',
    asks: {
      chat: { modalities: ['text', 'image'] },
      gemini: generation({ responseModalities: ['TEXT', 'IMAGE'] }),
    },
    heard: {
      chat: says('modalities', ['text', 'image']),
      gemini: says('generationConfig.responseModalities', ['TEXT', 'IMAGE']),
    },
    models: { chat: 'google/gemini-3-pro-image' },
    notes: {
      responses: 'a tool there, which costs: not added unasked',
      anthropic: 'the provider makes no images',
    },
  },
  {
    name: 'speech in the answer',
    asks: {
      chat: { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
      gemini: generation({ responseModalities: ['AUDIO'] }),
    },
    heard: { gemini: says('generationConfig.responseModalities') },
    notes: {
      chat: 'needs a voice by name',
      responses: 'the models do not speak there',
      anthropic: 'the models do not speak',
      gemini: 'voices have other names there',
    },
  },
  {
    name: 'safety settings',
    asks: {
      gemini: {
        safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' }],
      },
    },
    heard: {},
    notes: { chat: noSetting, responses: noSetting, anthropic: noSetting },
  },
  {
    name: 'cached content by name',
    asks: { gemini: { cachedContent: 'cachedContents/1' } },
    heard: {},
    notes: {
      chat: 'the cache lies with one provider',
      responses: 'the cache lies with one provider',
      anthropic: 'the cache lies with one provider',
    },
  },
];

/** All of them, under the headings of the tables. */
export const requestFeatures: Readonly<Record<string, readonly RequestFeature[]>> = {
  Thinking: reasoning,
  Tools: toolFeatures,
  'Tools of the provider': hosted,
  'Structured output': form,
  Content: content,
  Parameters: parameters,
  'Parameters and levels that a model refuses': modelFeatures,
};
