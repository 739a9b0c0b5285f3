/** Answers of an upstream of 8 MiB in many shapes: whole, as one event, and as many small ones. */
import type { Protocol } from '../../src/protocols/model.ts';
import type { Place, TextPlace, Thing } from './json-shapes.ts';

const quoted = (json: string): string => json.replace(/["\\]/g, '\\$&');

/** The form of an answer: whole, or that of one event of a stream that is over with it. */
export type Form = 'whole' | 'event';

interface Pieces {
  /** Fields of the answer beside its list. */
  fields?: string;
  /** Choices, blocks, items or parts. */
  list?: string;
}

const text: Record<Protocol, string> = {
  'openai-chat': '"content":"x"',
  'openai-responses':
    '{"type":"message","id":"m1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"x","annotations":[]}]}',
  'anthropic-messages': '{"type":"text","text":"x"}',
  gemini: '{"text":"x"}',
};

/** An answer with more fields, and other content. Of Chat `list` is the fields of the message. */
function answer(protocol: Protocol, form: Form, { fields = '"x":1', list = text[protocol] }: Pieces): string {
  switch (protocol) {
    case 'openai-chat': {
      const said = form === 'whole' ? 'message' : 'delta';
      return `{"id":"c","object":"chat.completion","model":"m",${fields},"choices":[{"index":0,"finish_reason":"stop","${said}":{"role":"assistant",${list}}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`;
    }
    case 'openai-responses': {
      const response = `{"id":"r","object":"response","model":"m","status":"completed",${fields},"output":[${list}],"usage":{"input_tokens":1,"output_tokens":1}}`;
      return form === 'whole' ? response : `{"type":"response.completed","response":${response}}`;
    }
    case 'anthropic-messages': {
      const message = `{"id":"m","type":"message","role":"assistant","model":"m",${fields},"content":[${list}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}`;
      return form === 'whole' ? message : `{"type":"message_start","message":${message}}`;
    }
    case 'gemini':
      return `{"responseId":"g",${fields},"candidates":[{"index":0,"finishReason":"STOP","content":{"role":"model","parts":[${list}]}}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}`;
  }
}

/** A call of a tool with this input, as JSON, in the list of an answer. */
const call: Record<Protocol, (input: string) => string> = {
  'openai-chat': (input) =>
    `"content":null,"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"t","arguments":"${quoted(input)}"}}]`,
  'openai-responses': (input) =>
    `{"type":"function_call","id":"f1","call_id":"c1","name":"t","status":"completed","arguments":"${quoted(input)}"}`,
  'anthropic-messages': (input) => `{"type":"tool_use","id":"c1","name":"t","input":${input}}`,
  gemini: (input) => `{"functionCall":{"name":"t","args":${input}}}`,
};

const inList: Record<Protocol, (list: string) => string> = {
  'openai-chat': (list) => `"content":[${list}]`,
  'openai-responses': (list) => list,
  'anthropic-messages': (list) => list,
  gemini: (list) => list,
};

export function answerValuePlaces(protocol: Protocol, form: Form): Place[] {
  const at = (name: string, pieces: (list: string) => Pieces): Place => ({
    name,
    body: (list) => answer(protocol, form, pieces(list)),
  });
  const cited: Record<Protocol, (list: string) => Pieces> = {
    'openai-chat': (list) => ({ list: `"content":"x","annotations":[${list}]` }),
    'openai-responses': (list) => ({
      list: text['openai-responses'].replace('"annotations":[]', () => `"annotations":[${list}]`),
    }),
    'anthropic-messages': (list) => ({ list: `{"type":"text","text":"x","citations":[${list}]}` }),
    gemini: (list) => ({ fields: `"groundingMetadata":{"groundingChunks":[${list}]}` }),
  };
  return [
    at('a field that nobody knows', (list) => ({ fields: `"x":[${list}]` })),
    at('the input of a call', (list) => ({ list: call[protocol](`{"a":[${list}]}`) })),
    at('citations', cited[protocol]),
    at('parts that are none', (list) => ({ list: inList[protocol](list) })),
    at('the model', (list) => ({ fields: `"model":[${list}]` })),
  ];
}

/** The first of the things, which have no commas between objects within. */
function firstOf(things: string, count: number): string {
  return things
    .split(/(?<=\}),(?=\{)/)
    .slice(0, count)
    .join();
}

/** An answer of Gemini with sources. */
function grounded(form: Form, said: string, chunk: string, supports: string): string {
  return answer('gemini', form, { list: `{"text":"${said}"}` }).replace(
    '"finishReason"',
    () =>
      `"groundingMetadata":{"groundingChunks":[${chunk}],"groundingSupports":[${supports}]},"finishReason"`,
  );
}

export function answerOwnPlaces(protocol: Protocol, form: Form): (Place & { thing: Thing })[] {
  const list = (name: string, thing: Thing, pieces: (list: string) => Pieces) => ({
    name,
    thing,
    body: (all: string) => answer(protocol, form, pieces(all)),
  });
  const said = form === 'whole' ? 'message' : 'delta';
  switch (protocol) {
    case 'openai-chat':
      return [
        {
          name: 'places in a long text',
          thing: (at) =>
            `{"type":"url_citation","url_citation":{"url":"http://x","title":"x","start_index":${at},"end_index":3999999}}`,
          body: (all) =>
            answer(protocol, form, {
              list: `"content":"${'é'.repeat(2_000_000)}","annotations":[${firstOf(all, 4000)}]`,
            }),
        },
        {
          name: 'an error beside a long text',
          thing: () => 'x',
          body: (all) =>
            answer(protocol, form, { fields: '"error":{"message":"x"}', list: `"content":"${all}"` }),
        },
        {
          name: 'choices',
          thing: (at) => `{"index":${at},"finish_reason":"stop","${said}":{"content":"x"}}`,
          body: (all) => `{"id":"c","object":"chat.completion","choices":[${all}]}`,
        },
        {
          name: 'choices of one place',
          thing: () => `{"index":0,"${said}":{"content":"x"}}`,
          body: (all) => `{"id":"c","object":"chat.completion","choices":[${all}]}`,
        },
        list(
          'calls',
          (at) => `{"index":${at},"id":"c${at}","type":"function","function":{"name":"t","arguments":"{}"}}`,
          (all) => ({ list: `"tool_calls":[${all}]` }),
        ),
        list(
          'probabilities',
          () =>
            '{"token":"x","logprob":-1,"bytes":[120],"top_logprobs":[{"token":"x","logprob":-1,"bytes":[120]}]}',
          (all) => ({
            list: `"content":"x"},"logprobs":{"content":[${all}]`,
          }),
        ),
        list(
          'annotations',
          () =>
            '{"type":"url_citation","url_citation":{"url":"http://x","title":"x","start_index":0,"end_index":1}}',
          (all) => ({ list: `"content":"x","annotations":[${all}]` }),
        ),
        list(
          'images',
          () => '{"type":"image_url","image_url":{"url":"data:image/png;base64,abcd"}}',
          (all) => ({ list: `"content":"x","images":[${all}]` }),
        ),
        list(
          'thoughts',
          () => '{"type":"reasoning.text","text":"x","format":"anthropic-claude-v1","index":0}',
          (all) => ({ list: `"content":"x","reasoning_details":[${all}]` }),
        ),
      ];
    case 'openai-responses':
      return [
        list(
          'items',
          (at) =>
            `{"type":"message","id":"m${at}","role":"assistant","status":"completed","content":[{"type":"output_text","text":"x","annotations":[]}]}`,
          (all) => ({ list: all }),
        ),
        list(
          'calls',
          (at) =>
            `{"type":"function_call","id":"f${at}","call_id":"c${at}","name":"t","arguments":"{}","status":"completed"}`,
          (all) => ({ list: all }),
        ),
        list(
          'parts',
          () => '{"type":"output_text","text":"x","annotations":[]}',
          (all) => ({
            list: `{"type":"message","id":"m1","role":"assistant","status":"completed","content":[${all}]}`,
          }),
        ),
        list(
          'summaries',
          () => '{"type":"summary_text","text":"x"}',
          (all) => ({ list: `{"type":"reasoning","id":"rs1","summary":[${all}]}` }),
        ),
        list(
          'probabilities',
          () => '{"token":"x","logprob":-1,"bytes":[120],"top_logprobs":[]}',
          (all) => ({
            list: `{"type":"message","id":"m1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"x","annotations":[],"logprobs":[${all}]}]}`,
          }),
        ),
        list(
          'annotations',
          () => '{"type":"url_citation","url":"http://x","title":"x","start_index":0,"end_index":1}',
          (all) => ({
            list: `{"type":"message","id":"m1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"x","annotations":[${all}]}]}`,
          }),
        ),
      ];
    case 'anthropic-messages':
      return [
        list(
          'blocks',
          () => '{"type":"text","text":"x"}',
          (all) => ({ list: all }),
        ),
        list(
          'calls',
          (at) => `{"type":"tool_use","id":"c${at}","name":"t","input":{}}`,
          (all) => ({ list: all }),
        ),
        list(
          'thoughts',
          () => '{"type":"thinking","thinking":"x","signature":"abcd"}',
          (all) => ({ list: all }),
        ),
        list(
          'citations',
          () =>
            '{"type":"char_location","cited_text":"x","document_index":0,"document_title":"x","start_char_index":0,"end_char_index":1}',
          (all) => ({ list: `{"type":"text","text":"x","citations":[${all}]}` }),
        ),
        list(
          'results of a search',
          () =>
            '{"type":"web_search_result","url":"http://x","title":"x","encrypted_content":"abcd","page_age":null}',
          (all) => ({
            list: `{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"x"}},{"type":"web_search_tool_result","tool_use_id":"s1","content":[${all}]}`,
          }),
        ),
      ];
    case 'gemini':
      return [
        {
          name: 'places in a long text',
          thing: (at) =>
            `{"segment":{"startIndex":${at},"endIndex":3999999,"text":"words"},"groundingChunkIndices":[0]}`,
          body: (all) =>
            grounded(
              form,
              'é'.repeat(2_000_000),
              '{"web":{"uri":"http://x","title":"x"}}',
              firstOf(all, 4000),
            ),
        },
        {
          name: 'words in a long text',
          thing: (at) => `{"segment":{"text":"aaaaaaaaaaaaab${at}"},"groundingChunkIndices":[0]}`,
          body: (all) =>
            grounded(
              form,
              'a'.repeat(7_000_000),
              '{"web":{"uri":"http://x","title":"x"}}',
              firstOf(all, 4000),
            ),
        },
        {
          name: 'sources of one support',
          thing: () => '0',
          body: (all) =>
            grounded(
              form,
              'x',
              '{"web":{"uri":"http://x","title":"x"}}',
              `{"segment":{"endIndex":1},"groundingChunkIndices":[${all}]}`,
            ),
        },
        {
          name: 'places of a long source',
          thing: (at) =>
            `{"segment":{"startIndex":${at % 9},"endIndex":${10 + at}},"groundingChunkIndices":[0]}`,
          body: (all) =>
            grounded(
              form,
              'word '.repeat(10_000),
              `{"retrievedContext":{"uri":"http://x","title":"x","text":"${'word '.repeat(1_000_000)}"}}`,
              firstOf(all, 4000),
            ),
        },
        {
          name: 'places of a long address',
          thing: (at) =>
            `{"segment":{"startIndex":${at % 9},"endIndex":${10 + at}},"groundingChunkIndices":[0]}`,
          body: (all) =>
            grounded(
              form,
              'word '.repeat(10_000),
              `{"web":{"uri":"http://${'x'.repeat(5_000_000)}","title":"x"}}`,
              firstOf(all, 4000),
            ),
        },
        list(
          'parts',
          () => '{"text":"x"}',
          (all) => ({ list: all }),
        ),
        list(
          'calls',
          () => '{"functionCall":{"name":"t","args":{}}}',
          (all) => ({ list: all }),
        ),
        list(
          'thoughts',
          () => '{"text":"x","thought":true},{"text":"x"}',
          (all) => ({ list: all }),
        ),
        {
          name: 'candidates',
          thing: (at) => `{"index":${at},"finishReason":"STOP","content":{"parts":[{"text":"x"}]}}`,
          body: (all) => `{"candidates":[${all}]}`,
        },
        list(
          'grounding',
          () => '{"segment":{"startIndex":0,"endIndex":1,"text":"x"},"groundingChunkIndices":[0]}',
          (all) => ({
            list: `{"text":"x"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"http://x","title":"x"}}],"groundingSupports":[${all}]},"x":{"y":[`.replace(
              /"y":\[$/,
              '"y":[',
            ),
          }),
        ),
      ];
  }
}

export function answerTextPlaces(protocol: Protocol, form: Form): TextPlace[] {
  const at = (name: string, pieces: (text: string) => Pieces): TextPlace => ({
    name,
    body: (written) => answer(protocol, form, pieces(written)),
  });
  const content: Record<Protocol, (written: string) => Pieces> = {
    'openai-chat': (written) => ({ list: `"content":"${written}"` }),
    'openai-responses': (written) => ({
      list: text['openai-responses'].replace('"x"', () => `"${written}"`),
    }),
    'anthropic-messages': (written) => ({ list: `{"type":"text","text":"${written}"}` }),
    gemini: (written) => ({ list: `{"text":"${written}"}` }),
  };
  const thinking: Record<Protocol, (written: string) => Pieces> = {
    'openai-chat': (written) => ({ list: `"content":"x","reasoning_content":"${written}"` }),
    'openai-responses': (written) => ({
      list: `{"type":"reasoning","id":"rs1","summary":[{"type":"summary_text","text":"${written}"}]}`,
    }),
    'anthropic-messages': (written) => ({
      list: `{"type":"thinking","thinking":"x","signature":"${written}"},{"type":"text","text":"x"}`,
    }),
    gemini: (written) => ({ list: `{"text":"x","thoughtSignature":"${written}"}` }),
  };
  const raw: Record<Protocol, (written: string) => Pieces> = {
    'openai-chat': (written) => ({ list: call['openai-chat']('TEXT').replace('TEXT', () => written) }),
    'openai-responses': (written) => ({
      list: call['openai-responses']('TEXT').replace('TEXT', () => written),
    }),
    'anthropic-messages': (written) => ({ list: call['anthropic-messages'](`{"x":"${written}"}`) }),
    gemini: (written) => ({ list: call.gemini(`{"x":"${written}"}`) }),
  };
  return [
    at('the content', content[protocol]),
    at('thoughts', thinking[protocol]),
    at('the arguments of a call', raw[protocol]),
    at('the id', (written) => ({ fields: `"id":"${written}","responseId":"${written}"` })),
    at('the model', (written) => ({ fields: `"model":"${written}","modelVersion":"${written}"` })),
    at('a field that nobody knows', (written) => ({ fields: `"x":"${written}"` })),
    at('an error', (written) => ({ fields: `"error":{"message":"${written}","type":"x"}` })),
  ];
}

const data = (json: string, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${json}\n\n`;

export interface StreamShape {
  name: string;
  before: string;
  event: Thing;
  behind: string;
}

/** Streams of many small events. */
export function streamShapes(protocol: Protocol): StreamShape[] {
  const ends = endOf[protocol];
  const noise: [string, Thing][] = [
    ['comments', () => ':\n'],
    ['comments of two line ends', () => ':\n\n'],
    ['comments with CR', () => ':\r'],
    ['comments with CRLF', () => ':\r\n\r\n'],
    ['long comments', () => `: ${'x'.repeat(60)}\n\n`],
    ['empty lines', () => '\n'],
    ['empty lines with CR', () => '\r'],
    ['empty lines with CRLF', () => '\r\n'],
    ['names of events', () => 'event: x\n\n'],
    ['names of events without end', () => 'event: x\n'],
    ['ids', () => 'id: 1\nretry: 1\n\n'],
    ['words', () => 'x\n'],
    ['data without text', () => 'data\n\n'],
    ['data of one event', () => 'data:\n'],
    ['empty data', () => 'data: \n\n'],
    ['words as data', () => 'data: x\n\n'],
    ['empty objects', () => 'data: {}\n\n'],
    ['objects that nobody knows', (at) => `data: {"type":"x","k${at}":1}\n\n`],
    ['ends', () => 'data: [DONE]\n\n'],
  ];
  const begin = beginOf[protocol];
  return [
    ...noise.map(([name, event]) => ({ name, before: '', event, behind: begin + ends })),
    ...noise.map(([name, event]) => ({ name: `${name}, in an answer`, before: begin, event, behind: ends })),
    ...deltasOf[protocol].map(([name, before, event]) => ({
      name,
      before: begin + before,
      event,
      behind: ends,
    })),
  ];
}

const chunk = (delta: string, more = ''): string =>
  data(`{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{${delta}}${more}}]}`);
const part = (json: string): string =>
  data(`{"candidates":[{"content":{"role":"model","parts":[${json}]}}]}`);
const event = (type: string, fields: string): string => data(`{"type":"${type}",${fields}}`, type);

const beginOf: Record<Protocol, string> = {
  'openai-chat': chunk('"role":"assistant","content":"x"'),
  'openai-responses':
    event(
      'response.created',
      '"response":{"id":"r","object":"response","status":"in_progress","model":"m","output":[]}',
    ) +
    event(
      'response.output_item.added',
      '"output_index":0,"item":{"id":"m1","type":"message","role":"assistant","status":"in_progress","content":[]}',
    ) +
    event(
      'response.content_part.added',
      '"item_id":"m1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}',
    ) +
    event('response.output_text.delta', '"item_id":"m1","output_index":0,"content_index":0,"delta":"x"'),
  'anthropic-messages':
    event(
      'message_start',
      '"message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}',
    ) +
    event('content_block_start', '"index":0,"content_block":{"type":"text","text":""}') +
    event('content_block_delta', '"index":0,"delta":{"type":"text_delta","text":"x"}'),
  gemini: part('{"text":"x"}'),
};

const endOf: Record<Protocol, string> = {
  'openai-chat': `${chunk('', ',"finish_reason":"stop"')}data: [DONE]\n\n`,
  'openai-responses': event(
    'response.completed',
    '"response":{"id":"r","object":"response","status":"completed","model":"m","output":[],"usage":{"input_tokens":1,"output_tokens":1}}',
  ),
  'anthropic-messages':
    event('content_block_stop', '"index":0') +
    event('message_delta', '"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}') +
    event('message_stop', '"x":1'),
  gemini: data('{"candidates":[{"finishReason":"STOP","content":{"parts":[]}}]}'),
};

const deltasOf: Record<Protocol, [name: string, before: string, event: Thing][]> = {
  'openai-chat': [
    ['texts', '', () => chunk('"content":"x"')],
    [
      'texts of other choices',
      '',
      (at) => data(`{"choices":[{"index":${at % 4000},"delta":{"content":"x"}}]}`),
    ],
    ['texts of spaces', '', () => chunk('"content": " "')],
    ['texts with escapes', '', () => chunk('"content":"\\n\\u00e9"')],
    ['thoughts', '', () => chunk('"reasoning_content":"x"')],
    ['thoughts and texts by turns', '', () => chunk('"reasoning_content":"x"') + chunk('"content":"x"')],
    [
      'calls',
      '',
      (at) => chunk(`"tool_calls":[{"index":${at},"id":"c${at}","function":{"name":"t","arguments":"{}"}}]`),
    ],
    [
      'arguments of a call',
      chunk('"tool_calls":[{"index":0,"id":"c1","function":{"name":"t","arguments":"{\\"a\\":\\""}}]'),
      () => chunk('"tool_calls":[{"index":0,"function":{"arguments":"x"}}]'),
    ],
    [
      'arguments of a list',
      chunk('"tool_calls":[{"index":0,"id":"c1","function":{"name":"t","arguments":"[1"}}]'),
      () => chunk('"tool_calls":[{"index":0,"function":{"arguments":",1"}}]'),
    ],
    ['usage', '', () => data('{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}')],
    [
      'chunks of many choices',
      '',
      () =>
        data(
          `{"choices":[${Array.from({ length: 100 }, (_, at) => `{"index":${at},"delta":{"content":"x"}}`).join()}]}`,
        ),
    ],
    ['chunks without choices', '', () => data('{"choices":[]}')],
  ],
  'openai-responses': [
    [
      'texts',
      '',
      () =>
        event('response.output_text.delta', '"item_id":"m1","output_index":0,"content_index":0,"delta":"x"'),
    ],
    [
      'items',
      '',
      (at) =>
        event(
          'response.output_item.added',
          `"output_index":${at},"item":{"id":"f${at}","type":"function_call","call_id":"c${at}","name":"t","arguments":""}`,
        ),
    ],
    [
      'summaries',
      '',
      (at) =>
        event(
          'response.reasoning_summary_text.delta',
          `"item_id":"rs1","output_index":1,"summary_index":${at % 4000},"delta":"x"`,
        ),
    ],
    [
      'arguments of a call',
      event(
        'response.output_item.added',
        '"output_index":1,"item":{"id":"f1","type":"function_call","call_id":"c1","name":"t","arguments":""}',
      ),
      () => event('response.function_call_arguments.delta', '"item_id":"f1","output_index":1,"delta":"1"'),
    ],
    [
      'annotations',
      '',
      (at) =>
        event(
          'response.output_text.annotation.added',
          `"item_id":"m1","output_index":0,"content_index":0,"annotation_index":${at},"annotation":{"type":"url_citation","url":"http://x","title":"x","start_index":0,"end_index":1}`,
        ),
    ],
    [
      'beginnings',
      '',
      () => event('response.in_progress', '"response":{"id":"r","status":"in_progress","output":[]}'),
    ],
  ],
  'anthropic-messages': [
    ['texts', '', () => event('content_block_delta', '"index":0,"delta":{"type":"text_delta","text":"x"}')],
    ['pings', '', () => event('ping', '"x":1')],
    [
      'blocks',
      event('content_block_stop', '"index":0'),
      (at) =>
        event('content_block_start', `"index":${at + 1},"content_block":{"type":"text","text":"x"}`) +
        event('content_block_stop', `"index":${at + 1}`),
    ],
    [
      'thoughts',
      event('content_block_start', '"index":1,"content_block":{"type":"thinking","thinking":""}'),
      () => event('content_block_delta', '"index":1,"delta":{"type":"thinking_delta","thinking":"x"}'),
    ],
    [
      'signatures',
      event('content_block_start', '"index":1,"content_block":{"type":"thinking","thinking":""}'),
      () => event('content_block_delta', '"index":1,"delta":{"type":"signature_delta","signature":"x"}'),
    ],
    [
      'arguments of a call',
      event(
        'content_block_start',
        '"index":1,"content_block":{"type":"tool_use","id":"c1","name":"t","input":{}}',
      ),
      () => event('content_block_delta', '"index":1,"delta":{"type":"input_json_delta","partial_json":"1"}'),
    ],
    [
      'citations',
      '',
      () =>
        event(
          'content_block_delta',
          '"index":0,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"x","document_index":0,"start_char_index":0,"end_char_index":1}}',
        ),
    ],
    ['ends', '', () => event('message_delta', '"delta":{"stop_reason":null},"usage":{"output_tokens":1}')],
  ],
  gemini: [
    ['texts', '', () => part('{"text":"x"}')],
    ['thoughts', '', () => part('{"text":"x","thought":true}')],
    ['calls', '', () => part('{"functionCall":{"name":"t","args":{}}}')],
    [
      'partial arguments',
      part('{"functionCall":{"name":"t","willContinue":true}}'),
      (at) =>
        part(
          `{"functionCall":{"partialArgs":[{"jsonPath":"$.a[${at % 4000}]","numberValue":1}],"willContinue":true}}`,
        ),
    ],
    [
      'partial texts',
      part('{"functionCall":{"name":"t","willContinue":true}}'),
      () =>
        part(
          '{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x","willContinue":true}],"willContinue":true}}',
        ),
    ],
    [
      'grounding',
      '',
      () =>
        data(
          '{"candidates":[{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"http://x","title":"x"}}]}}]}',
        ),
    ],
    ['usage', '', () => data('{"usageMetadata":{"promptTokenCount":1}}')],
    [
      'candidates',
      '',
      (at) => data(`{"candidates":[{"index":${at % 4000},"content":{"parts":[{"text":"x"}]}}]}`),
    ],
  ],
};
