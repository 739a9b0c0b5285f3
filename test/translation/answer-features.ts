/** What answers can say: the data behind the answer table of docs/internals/translation-tables.md. */
import type { JsonObject } from '../../src/protocols/json.ts';
import { type AnswerFeature, all, at, mentions, partly, says } from './feature.ts';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const wav = 'UklGRiQAAABXQVZF';
const source = 'https://example.com/a';

const chat = (message: JsonObject, choice: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello', ...message },
      finish_reason: 'stop',
      ...choice,
    },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  ...more,
});
const text = (more: JsonObject = {}): JsonObject => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Hello', annotations: [], ...more }],
});
const responses = (output: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'm',
  output,
  usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  ...more,
});
const anthropic = (content: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 5 },
  ...more,
});
const gemini = (parts: JsonObject[], candidate: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0, ...candidate }],
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
  modelVersion: 'm',
  responseId: 'r1',
  ...more,
});

const calls = ['weather', 'clock'];
const toolAsks: AnswerFeature['asks'] = {
  chat: { tools: calls.map((name) => ({ type: 'function', function: { name } })) },
  responses: { tools: calls.map((name) => ({ type: 'function', name })) },
  anthropic: { tools: calls.map((name) => ({ name, input_schema: { type: 'object' } })) },
  gemini: { tools: [{ functionDeclarations: calls.map((name) => ({ name })) }] },
};
const chatLogprobs = [
  {
    token: 'Hel',
    logprob: -0.1,
    bytes: [72, 101, 108],
    top_logprobs: [{ token: 'Hel', logprob: -0.1, bytes: [72, 101, 108] }],
  },
  {
    token: 'lo',
    logprob: -0.2,
    bytes: [108, 111],
    top_logprobs: [{ token: 'lo', logprob: -0.2, bytes: [108, 111] }],
  },
];

export const answerFeatures: readonly AnswerFeature[] = [
  {
    name: 'text',
    told: {
      chat: chat({}),
      responses: responses([text()]),
      anthropic: anthropic([{ type: 'text', text: 'Hello' }]),
      gemini: gemini([{ text: 'Hello' }]),
    },
    heard: {
      chat: says('choices.0.message.content', 'Hello'),
      responses: says('output.0.content.0.text', 'Hello'),
      anthropic: says('content.0.text', 'Hello'),
      gemini: says('candidates.0.content.parts.0.text', 'Hello'),
    },
  },
  {
    name: 'thinking',
    asks: {
      anthropic: { thinking: { type: 'adaptive' } },
      gemini: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
    },
    told: {
      chat: chat({ reasoning_content: 'Hmm' }),
      responses: responses([
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hmm' }] },
        text(),
      ]),
      anthropic: anthropic([
        { type: 'thinking', thinking: 'Hmm', signature: 'c2ln' },
        { type: 'text', text: 'Hello' },
      ]),
      gemini: gemini([{ text: 'Hmm', thought: true }, { text: 'Hello' }]),
    },
    heard: {
      chat: says('choices.0.message.reasoning_content', 'Hmm'),
      responses: mentions('Hmm'),
      anthropic: says('content.0.thinking', 'Hmm'),
      gemini: all(
        says('candidates.0.content.parts.0.text', 'Hmm'),
        says('candidates.0.content.parts.0.thought', true),
      ),
    },
  },
  {
    name: 'parallel tool calls',
    asks: toolAsks,
    told: {
      chat: chat(
        {
          content: null,
          tool_calls: calls.map((name, i) => ({
            id: `call_${i}`,
            type: 'function',
            function: { name, arguments: `{"n":${i}}` },
          })),
        },
        { finish_reason: 'tool_calls' },
      ),
      responses: responses(
        calls.map((name, i) => ({
          type: 'function_call',
          id: `fc_${i}`,
          call_id: `call_${i}`,
          name,
          arguments: `{"n":${i}}`,
          status: 'completed',
        })),
      ),
      anthropic: anthropic(
        calls.map((name, i) => ({ type: 'tool_use', id: `toolu_${i}`, name, input: { n: i } })),
        { stop_reason: 'tool_use' },
      ),
      gemini: gemini(calls.map((name, i) => ({ functionCall: { name, args: { n: i } } }))),
    },
    heard: {
      chat: all(
        says('choices.0.message.tool_calls.0.function.arguments', '{"n":0}'),
        says('choices.0.message.tool_calls.1.function.name', 'clock'),
        says('choices.0.finish_reason', 'tool_calls'),
      ),
      responses: all(says('output.0.arguments', '{"n":0}'), says('output.1.name', 'clock')),
      anthropic: all(
        says('content.0.input.n', 0),
        says('content.1.name', 'clock'),
        says('stop_reason', 'tool_use'),
      ),
      gemini: all(
        says('candidates.0.content.parts.0.functionCall.args.n', 0),
        says('candidates.0.content.parts.1.functionCall.name', 'clock'),
      ),
    },
  },
  {
    name: 'custom tool calls',
    asks: {
      chat: { tools: [{ type: 'custom', custom: { name: 'apply_patch' } }] },
      responses: { tools: [{ type: 'custom', name: 'apply_patch' }] },
    },
    told: {
      chat: chat(
        {
          content: null,
          tool_calls: [
            {
              id: 'c1',
              type: 'function',
              function: { name: 'apply_patch', arguments: '{"input":"*** Begin"}' },
            },
          ],
        },
        { finish_reason: 'tool_calls' },
      ),
      responses: responses([
        {
          type: 'custom_tool_call',
          id: 'ctc_1',
          call_id: 'c1',
          name: 'apply_patch',
          input: '*** Begin',
          status: 'completed',
        },
      ]),
      anthropic: anthropic(
        [{ type: 'tool_use', id: 'toolu_1', name: 'apply_patch', input: { input: '*** Begin' } }],
        { stop_reason: 'tool_use' },
      ),
      gemini: gemini([{ functionCall: { name: 'apply_patch', args: { input: '*** Begin' } } }]),
    },
    heard: {
      chat: all(
        says('choices.0.message.tool_calls.0.type', 'custom'),
        says('choices.0.message.tool_calls.0.custom.input', '*** Begin'),
      ),
      responses: all(says('output.0.type', 'custom_tool_call'), says('output.0.input', '*** Begin')),
    },
    notes: {
      anthropic: 'a client of it has no such tools',
      gemini: 'a client of it has no such tools',
    },
  },
  {
    name: 'the end by the length limit',
    told: {
      chat: chat({}, { finish_reason: 'length' }),
      responses: responses([text()], {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      }),
      anthropic: anthropic([{ type: 'text', text: 'Hello' }], { stop_reason: 'max_tokens' }),
      gemini: gemini([{ text: 'Hello' }], { finishReason: 'MAX_TOKENS' }),
    },
    heard: {
      chat: says('choices.0.finish_reason', 'length'),
      responses: all(says('status', 'incomplete'), says('incomplete_details.reason', 'max_output_tokens')),
      anthropic: says('stop_reason', 'max_tokens'),
      gemini: says('candidates.0.finishReason', 'MAX_TOKENS'),
    },
  },
  {
    name: 'a call that the limit cut',
    asks: toolAsks,
    told: {
      chat: chat(
        {
          content: null,
          tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'weather', arguments: '{"n":' } }],
        },
        { finish_reason: 'length' },
      ),
      responses: responses(
        [
          {
            type: 'function_call',
            id: 'fc_0',
            call_id: 'call_0',
            name: 'weather',
            arguments: '{"n":',
            status: 'incomplete',
          },
        ],
        { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      ),
    },
    heard: {
      chat: all(
        says('choices.0.message.tool_calls.0.function.arguments', '{"n":'),
        says('choices.0.finish_reason', 'length'),
      ),
      responses: all(says('output.0.status', 'incomplete'), says('status', 'incomplete')),
    },
    notes: {
      anthropic: 'left out: its SDKs would run what there is of it',
      gemini: 'left out: its SDKs would run what there is of it',
    },
  },
  {
    name: 'calls of the provider’s tools that the client runs',
    asks: { anthropic: { tools: [{ type: 'bash_20250124', name: 'bash' }] } },
    told: {
      responses: responses([
        {
          type: 'shell_call',
          id: 'sh_0',
          call_id: 'call_0',
          status: 'completed',
          action: { commands: ['ls'] },
        },
      ]),
    },
    heard: {
      chat: partly(all(says('choices.0.message.tool_calls.0.function.name', 'shell'), mentions('ls'))),
      anthropic: all(says('content.0.name', 'bash'), says('content.0.input', { command: 'ls' })),
      gemini: partly(all(says('candidates.0.content.parts.0.functionCall.name', 'shell'), mentions('ls'))),
    },
    notes: { chat: 'a call of the function `shell`', gemini: 'a call of the function `shell`' },
  },
  {
    name: 'the end by a filter',
    told: {
      chat: chat({}, { finish_reason: 'content_filter' }),
      responses: responses([text()], {
        status: 'incomplete',
        incomplete_details: { reason: 'content_filter' },
      }),
      anthropic: anthropic([{ type: 'text', text: 'Hello' }], { stop_reason: 'refusal' }),
      gemini: gemini([{ text: 'Hello' }], { finishReason: 'MODEL_ARMOR' }),
    },
    heard: {
      chat: says('choices.0.finish_reason', 'content_filter'),
      responses: says('incomplete_details.reason', 'content_filter'),
      anthropic: says('stop_reason', 'refusal'),
      gemini: says('candidates.0.finishReason', 'SAFETY'),
    },
  },
  {
    name: 'refusal',
    told: {
      chat: chat({ content: null, refusal: 'I will not.' }),
      responses: responses([{ ...text(), content: [{ type: 'refusal', refusal: 'I will not.' }] }]),
      anthropic: anthropic([{ type: 'text', text: 'I will not.' }], { stop_reason: 'refusal' }),
    },
    heard: {
      chat: (body) =>
        at(body, 'choices.0.message.refusal') === 'I will not.' ||
        at(body, 'choices.0.finish_reason') === 'content_filter',
      responses: (body) =>
        at(body, 'output.0.content.0.refusal') === 'I will not.' ||
        at(body, 'incomplete_details.reason') === 'content_filter',
      anthropic: all(says('content.0.text', 'I will not.'), says('stop_reason', 'refusal')),
      gemini: partly(mentions('I will not.')),
    },
    notes: { gemini: 'text, and the stop reason `SAFETY` where the upstream stopped for it' },
  },
  {
    name: 'images',
    told: {
      chat: chat({ images: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }] }),
      responses: responses([
        { type: 'image_generation_call', id: 'ig_1', status: 'completed', output_format: 'png', result: png },
      ]),
      gemini: gemini([{ inlineData: { mimeType: 'image/png', data: png } }]),
    },
    heard: {
      chat: mentions(png),
      responses: mentions(png),
      anthropic: mentions(png),
      gemini: mentions(png),
    },
    notes: { anthropic: 'answers hold no images there' },
  },
  {
    name: 'speech',
    told: {
      chat: chat({ content: null, audio: { id: 'a1', data: wav, transcript: 'Hello', expires_at: 9 } }),
      gemini: gemini([{ inlineData: { mimeType: 'audio/wav', data: wav } }]),
    },
    heard: {
      chat: mentions(wav),
      responses: partly(mentions('Hello')),
      anthropic: partly(mentions('Hello')),
      gemini: mentions(wav),
    },
    notes: {
      responses: {
        chat: 'its transcript',
        gemini: 'answers hold no speech there, and there is no transcript',
      },
      anthropic: {
        chat: 'its transcript',
        gemini: 'answers hold no speech there, and there is no transcript',
      },
    },
  },
  {
    name: 'sources on the web',
    told: {
      chat: chat({
        annotations: [
          { type: 'url_citation', url_citation: { url: source, title: 'A', start_index: 0, end_index: 5 } },
        ],
      }),
      responses: responses([
        text({
          annotations: [{ type: 'url_citation', url: source, title: 'A', start_index: 0, end_index: 5 }],
        }),
      ]),
      anthropic: anthropic([
        {
          type: 'text',
          text: 'Hello',
          citations: [
            {
              type: 'web_search_result_location',
              url: source,
              title: 'A',
              cited_text: 'Hello',
              encrypted_index: 'x',
            },
          ],
        },
      ]),
      gemini: gemini([{ text: 'Hello' }], {
        groundingMetadata: {
          groundingChunks: [{ web: { uri: source, title: 'A' } }],
          groundingSupports: [
            { segment: { startIndex: 0, endIndex: 5, text: 'Hello' }, groundingChunkIndices: [0] },
          ],
        },
      }),
    },
    heard: {
      chat: says('choices.0.message.annotations.0.url_citation.url', source),
      responses: says('output.0.content.0.annotations.0.url', source),
      anthropic: says('content.0.citations.0.url', source),
      gemini: says('candidates.0.groundingMetadata.groundingChunks.0.web.uri', source),
    },
  },
  {
    name: 'log probabilities',
    asks: {
      chat: { logprobs: true, top_logprobs: 1 },
      responses: { top_logprobs: 1, include: ['message.output_text.logprobs'] },
      gemini: { generationConfig: { responseLogprobs: true, logprobs: 1 } },
    },
    told: {
      chat: chat({}, { logprobs: { content: chatLogprobs, refusal: null } }),
      responses: responses([text({ logprobs: chatLogprobs })]),
      gemini: gemini([{ text: 'Hello' }], {
        avgLogprobs: -0.15,
        logprobsResult: {
          chosenCandidates: [
            { token: 'Hel', tokenId: 1, logProbability: -0.1 },
            { token: 'lo', tokenId: 2, logProbability: -0.2 },
          ],
          topCandidates: [
            { candidates: [{ token: 'Hel', tokenId: 1, logProbability: -0.1 }] },
            { candidates: [{ token: 'lo', tokenId: 2, logProbability: -0.2 }] },
          ],
        },
      }),
    },
    heard: {
      chat: all(
        says('choices.0.logprobs.content.1.logprob', -0.2),
        says('choices.0.logprobs.content.1.top_logprobs.0.token', 'lo'),
      ),
      responses: all(
        says('output.0.content.0.logprobs.1.logprob', -0.2),
        says('output.0.content.0.logprobs.1.top_logprobs.0.token', 'lo'),
      ),
      gemini: all(
        says('candidates.0.logprobsResult.chosenCandidates.1.logProbability', -0.2),
        says('candidates.0.logprobsResult.topCandidates.1.candidates.0.token', 'lo'),
      ),
    },
    notes: { anthropic: 'a client of it cannot ask for them' },
  },
  {
    name: '`n` answers',
    asks: { chat: { n: 2 }, gemini: { generationConfig: { candidateCount: 2 } } },
    told: {
      chat: chat(
        {},
        {},
        {
          choices: ['Hello', 'Good day'].map((content, index) => ({
            index,
            message: { role: 'assistant', content },
            finish_reason: 'stop',
          })),
        },
      ),
      gemini: gemini(
        [],
        {},
        {
          candidates: ['Hello', 'Good day'].map((said, index) => ({
            index,
            content: { role: 'model', parts: [{ text: said }] },
            finishReason: 'STOP',
          })),
        },
      ),
    },
    heard: {
      chat: all(says('choices.0.message.content', 'Hello'), says('choices.1.message.content', 'Good day')),
      responses: partly(says('output.0.content.0.text', 'Hello')),
      anthropic: partly(says('content.0.text', 'Hello')),
      gemini: all(
        says('candidates.0.content.parts.0.text', 'Hello'),
        says('candidates.1.content.parts.0.text', 'Good day'),
      ),
    },
    notes: {
      responses: 'the first: a client of it cannot ask for more',
      anthropic: 'the first: a client of it cannot ask for more',
    },
  },
  {
    name: 'tokens: thinking and cache',
    told: {
      chat: chat(
        {},
        {},
        {
          usage: {
            prompt_tokens: 10,
            completion_tokens: 5,
            total_tokens: 15,
            prompt_tokens_details: { cached_tokens: 4 },
            completion_tokens_details: { reasoning_tokens: 3 },
          },
        },
      ),
      responses: responses([text()], {
        usage: {
          input_tokens: 10,
          output_tokens: 5,
          total_tokens: 15,
          input_tokens_details: { cached_tokens: 4 },
          output_tokens_details: { reasoning_tokens: 3 },
        },
      }),
      anthropic: anthropic([{ type: 'text', text: 'Hello' }], {
        usage: { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 5 },
      }),
      gemini: gemini(
        [{ text: 'Hello' }],
        {},
        {
          usageMetadata: {
            promptTokenCount: 10,
            cachedContentTokenCount: 4,
            candidatesTokenCount: 2,
            thoughtsTokenCount: 3,
            totalTokenCount: 15,
          },
        },
      ),
    },
    heard: {
      chat: all(
        says('usage.prompt_tokens', 10),
        says('usage.completion_tokens', 5),
        says('usage.prompt_tokens_details.cached_tokens', 4),
      ),
      responses: all(
        says('usage.input_tokens', 10),
        says('usage.output_tokens', 5),
        says('usage.input_tokens_details.cached_tokens', 4),
      ),
      anthropic: all(
        says('usage.input_tokens', 6),
        says('usage.cache_read_input_tokens', 4),
        says('usage.output_tokens', 5),
      ),
      gemini: all(
        says('usageMetadata.promptTokenCount', 10),
        says('usageMetadata.cachedContentTokenCount', 4),
      ),
    },
  },
  {
    name: 'the end: length',
    told: {
      chat: chat({}, { finish_reason: 'length' }),
      responses: responses([text()], {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      }),
      anthropic: anthropic([{ type: 'text', text: 'Hello' }], { stop_reason: 'max_tokens' }),
      gemini: gemini([{ text: 'Hello' }], { finishReason: 'MAX_TOKENS' }),
    },
    heard: {
      chat: says('choices.0.finish_reason', 'length'),
      responses: says('incomplete_details.reason', 'max_output_tokens'),
      anthropic: says('stop_reason', 'max_tokens'),
      gemini: says('candidates.0.finishReason', 'MAX_TOKENS'),
    },
  },
  {
    name: 'the end: content filter',
    told: {
      chat: chat({}, { finish_reason: 'content_filter' }),
      responses: responses([text()], {
        status: 'incomplete',
        incomplete_details: { reason: 'content_filter' },
      }),
      gemini: gemini([{ text: 'Hello' }], { finishReason: 'SAFETY' }),
    },
    heard: {
      chat: says('choices.0.finish_reason', 'content_filter'),
      responses: says('incomplete_details.reason', 'content_filter'),
      anthropic: says('stop_reason', 'refusal'),
      gemini: says('candidates.0.finishReason', 'SAFETY'),
    },
  },
  {
    name: 'which stop sequence it was',
    told: {
      anthropic: anthropic([{ type: 'text', text: 'Hello' }], {
        stop_reason: 'stop_sequence',
        stop_sequence: 'END',
      }),
    },
    heard: {
      chat: partly(says('choices.0.finish_reason', 'stop')),
      responses: partly(says('status', 'completed')),
      gemini: partly(says('candidates.0.finishReason', 'STOP')),
    },
    notes: { chat: 'an ordinary end', responses: 'an ordinary end', gemini: 'an ordinary end' },
  },
  {
    name: 'traces of the provider’s own tools',
    told: {
      responses: responses([
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
        text(),
      ]),
      anthropic: anthropic([
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
        { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
        { type: 'text', text: 'Hello' },
      ]),
      gemini: gemini([{ executableCode: { language: 'PYTHON', code: 'q' } }, { text: 'Hello' }]),
    },
    heard: {},
    notes: Object.fromEntries(
      ['chat', 'responses', 'anthropic', 'gemini'].map((name) => [
        name,
        'each provider has its own; the text and its sources are kept',
      ]),
    ),
  },
];
