/**
 * Bodies of 8 MiB in many shapes: each thing that a body can be made of, at each place where a protocol reads one. For each
 * there are as many things as pass the bounds.
 */
import type { Protocol } from '../../src/protocols/model.ts';

/** Bytes of a body. */
export const bodySize = 8 * 1024 * 1024;

/** What is repeated: the text of the thing of this number. */
export type Thing = (at: number) => string;

/** JSON values that many of make a list. */
export const values: Readonly<Record<string, Thing>> = {
  digits: () => '1',
  'long numbers': () => '1.7976931348623157e308',
  'numbers of 300 digits': () => '9'.repeat(300),
  'short strings': () => '"x"',
  'other strings': (at) => `"k${at}"`,
  'other strings of 40': (at) => `"${String(at).padStart(40, 'k')}"`,
  'strings of a kilobyte': (at) => `"${String(at).padStart(1000, 'word ')}"`,
  'strings of escapes': () => `"${'\\n'.repeat(500)}"`,
  'strings of accents': () => `"${'é'.repeat(500)}"`,
  'strings of lone surrogates': () => `"${'\\ud800'.repeat(160)}"`,
  'empty objects': () => '{}',
  'empty lists': () => '[]',
  'small objects': () => '{"a":1}',
  'objects of other names': (at) => `{"k${at}":1}`,
  'objects of numbers as names': (at) => `{"${at}":1}`,
  'objects of distant numbers as names': (at) => `{"${4_000_000_000 - at}":1}`,
  'lists of a list': () => '[[[[[[[[1]]]]]]]]',
  'deep lists': () => `${'['.repeat(90)}1${']'.repeat(90)}`,
  'deep objects': () => `${'{"a":'.repeat(90)}1${'}'.repeat(90)}`,
  'wide objects': () => `{${Array.from({ length: 60 }, (_, key) => `"key${key}":${key}`).join()}}`,
};

/** What can stand in a string. */
export const texts: Readonly<Record<string, string>> = {
  words: 'word ',
  escapes: '\\n',
  quotes: '\\"',
  'escaped letters': '\\u0061',
  'lone surrogates': '\\ud800',
  surrogates: '\\ud83d\\ude00',
  accents: 'é',
  'faces of four bytes': '😀',
  spaces: '        ',
  'control characters': '\\u0000',
  'JSON in a string': '[1,{\\"a\\":[]}],',
  base64: 'iVBORw0KGgoAAAANSUhEUg',
  'line ends of events': '\\n\\ndata: ',
  commas: ';base64,',
  braces: '{{{{[[[[',
  hyphens: '----',
  'hosts of Google': 'generativelanguage',
  'escapes of URLs': '%2b',
  semicolons: ';',
  slashes: '/',
  'letters behind underscores': '_a',
  extensions: '.a',
  tags: '<think>',
  'JSON in JSON in a string': '{\\"a\\":1},',
};

/** Where many things may stand: the body with a list of them. */
export interface Place {
  name: string;
  /** `things`: JSON, with commas between. */
  body: (things: string) => string;
  /** Each of the things where it is not a value of `values`. */
  thing?: Thing;
}

/** Where a text may stand. */
export interface TextPlace {
  name: string;
  /** `text`: what stands between the quotes. */
  body: (text: string) => string;
}

const quoted = (json: string): string => json.replace(/["\\]/g, '\\$&');

const firstOf: Record<Protocol, string> = {
  'openai-chat': '"model":"MODEL"',
  'openai-responses': '"model":"MODEL"',
  'anthropic-messages': '"model":"MODEL","max_tokens":5',
  gemini: '"x-nothing":1',
};

const small: Record<Protocol, string> = {
  'openai-chat': '"messages":[{"role":"user","content":"x"}]',
  'openai-responses': '"input":"x"',
  'anthropic-messages': '"messages":[{"role":"user","content":"x"}]',
  gemini: '"contents":[{"role":"user","parts":[{"text":"x"}]}]',
};

/** A request with these fields and the smallest conversation. */
const beside = (protocol: Protocol, fields: string): string =>
  `{${firstOf[protocol]},${small[protocol]},${fields}}`;
/** A request whose conversation is these messages. */
const conversation = (protocol: Protocol, messages: string): string => {
  const name = {
    'openai-chat': 'messages',
    'anthropic-messages': 'messages',
    'openai-responses': 'input',
    gemini: 'contents',
  }[protocol];
  return `{${firstOf[protocol]},"${name}":[${messages}]}`;
};
/** One user message of these parts. */
const parts = (protocol: Protocol, list: string): string =>
  conversation(
    protocol,
    protocol === 'gemini' ? `{"role":"user","parts":[${list}]}` : `{"role":"user","content":[${list}]}`,
  );

const schema: Record<Protocol, (properties: string) => string> = {
  'openai-chat': (inner) => `"tools":[{"type":"function","function":{"name":"t","parameters":${inner}}}]`,
  'openai-responses': (inner) => `"tools":[{"type":"function","name":"t","parameters":${inner}}]`,
  'anthropic-messages': (inner) => `"tools":[{"name":"t","input_schema":${inner}}]`,
  gemini: (inner) => `"tools":[{"functionDeclarations":[{"name":"t","parametersJsonSchema":${inner}}]}]`,
};

/** Assistant's call of a tool with this input as JSON text, unquoted. */
const call: Record<Protocol, (input: string) => string> = {
  'openai-chat': (input) =>
    `{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"t","arguments":"${quoted(input)}"}}]},{"role":"tool","tool_call_id":"c1","content":"x"}`,
  'openai-responses': (input) =>
    `{"type":"function_call","call_id":"c1","name":"t","arguments":"${quoted(input)}"},{"type":"function_call_output","call_id":"c1","output":"x"}`,
  'anthropic-messages': (input) =>
    `{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input":${input}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"x"}]}`,
  gemini: (input) =>
    `{"role":"model","parts":[{"functionCall":{"name":"t","args":${input}}}]},{"role":"user","parts":[{"functionResponse":{"name":"t","response":{"x":1}}}]}`,
};

const output: Record<Protocol, (schema: string) => string> = {
  'openai-chat': (inner) =>
    `"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":${inner},"strict":true}}`,
  'openai-responses': (inner) =>
    `"text":{"format":{"type":"json_schema","name":"n","schema":${inner},"strict":true}}`,
  'anthropic-messages': (inner) => `"output_config":{"format":{"type":"json_schema","schema":${inner}}}`,
  gemini: (inner) =>
    `"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":${inner}}`,
};

const stops: Record<Protocol, (list: string) => string> = {
  'openai-chat': (list) => `"stop":[${list}]`,
  'openai-responses': (list) => `"include":[${list}]`,
  'anthropic-messages': (list) => `"stop_sequences":[${list}]`,
  gemini: (list) => `"generationConfig":{"stopSequences":[${list}]}`,
};

/** Places of a request that hold a list of any values. */
export function valuePlaces(protocol: Protocol): Place[] {
  const named = (list: string): string => `{"type":"object","properties":{"p":{"enum":[${list}]}}}`;
  return [
    { name: 'a field that nobody knows', body: (list) => beside(protocol, `"x":[${list}]`) },
    { name: 'metadata', body: (list) => beside(protocol, `"metadata":{"x":[${list}]}`) },
    { name: 'the enum of a tool', body: (list) => beside(protocol, schema[protocol](named(list))) },
    { name: 'the enum of the output', body: (list) => beside(protocol, output[protocol](named(list))) },
    {
      name: 'the input of a call',
      body: (list) => conversation(protocol, call[protocol](`{"a":[${list}]}`)),
    },
    { name: 'stop', body: (list) => beside(protocol, stops[protocol](list)) },
    { name: 'parts that are none', body: (list) => parts(protocol, list) },
    { name: 'messages that are none', body: (list) => conversation(protocol, list) },
    { name: 'tools that are none', body: (list) => beside(protocol, `"tools":[${list}]`) },
  ];
}

/** Places of a request that hold many things of their own kind. */
export function ownPlaces(protocol: Protocol): (Place & { thing: Thing })[] {
  const list = (name: string, thing: Thing, body: (things: string) => string) => ({ name, thing, body });
  const text: Record<Protocol, string> = {
    'openai-chat': '{"type":"text","text":"x"}',
    'openai-responses': '{"type":"input_text","text":"x"}',
    'anthropic-messages': '{"type":"text","text":"x"}',
    gemini: '{"text":"x"}',
  };
  const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk';
  const image: Record<Protocol, string> = {
    'openai-chat': `{"type":"image_url","image_url":{"url":"data:image/png;base64,${picture}"}}`,
    'openai-responses': `{"type":"input_image","image_url":"data:image/png;base64,${picture}"}`,
    'anthropic-messages': `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${picture}"}}`,
    gemini: `{"inlineData":{"mimeType":"image/png","data":"${picture}"}}`,
  };
  const file: Record<Protocol, string> = {
    'openai-chat': `{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,${picture}"}}`,
    'openai-responses': `{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,${picture}"}`,
    'anthropic-messages': `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"${picture}"}}`,
    gemini: `{"fileData":{"mimeType":"application/pdf","fileUri":"https://example.com/a.pdf"}}`,
  };
  const tool: Record<Protocol, Thing> = {
    'openai-chat': (at) => `{"type":"function","function":{"name":"t${at}"}}`,
    'openai-responses': (at) => `{"type":"function","name":"t${at}"}`,
    'anthropic-messages': (at) => `{"name":"t${at}","input_schema":{"type":"object"}}`,
    gemini: (at) => `{"functionDeclarations":[{"name":"t${at}"}]}`,
  };
  const wideTool: Record<Protocol, Thing> = {
    'openai-chat': (at) =>
      `{"type":"function","function":{"name":"${String(at).padStart(90, 'n')}","parameters":{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"$ref":"#/$defs/x"}},"$defs":{"x":{"anyOf":[{"type":"string"},{"type":"integer"}]}}}}}`,
    'openai-responses': (at) =>
      `{"type":"function","name":"${String(at).padStart(90, 'n')}","parameters":{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"$ref":"#/$defs/x"}},"$defs":{"x":{"anyOf":[{"type":"string"},{"type":"integer"}]}}}}`,
    'anthropic-messages': (at) =>
      `{"name":"${String(at).padStart(90, 'n')}","input_schema":{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"$ref":"#/$defs/x"}},"$defs":{"x":{"anyOf":[{"type":"string"},{"type":"integer"}]}}}}`,
    gemini: (at) =>
      `{"functionDeclarations":[{"name":"${String(at).padStart(90, 'n')}","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}}]}`,
  };
  const pair: Record<Protocol, Thing> = {
    'openai-chat': (at) =>
      `{"role":"assistant","content":null,"tool_calls":[{"id":"c${at}","type":"function","function":{"name":"t","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c${at}","content":"x"}`,
    'openai-responses': (at) =>
      `{"type":"function_call","call_id":"c${at}","name":"t","arguments":"{}"},{"type":"function_call_output","call_id":"c${at}","output":"x"}`,
    'anthropic-messages': (at) =>
      `{"role":"assistant","content":[{"type":"tool_use","id":"c${at}","name":"t","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c${at}","content":"x"}]}`,
    gemini: () =>
      '{"role":"model","parts":[{"functionCall":{"name":"t","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"t","response":{}}}]}',
  };
  const calls: Record<Protocol, Thing> = {
    'openai-chat': (at) => `{"id":"c${at}","type":"function","function":{"name":"t","arguments":"{}"}}`,
    'openai-responses': (at) => `{"type":"function_call","call_id":"c${at}","name":"t","arguments":"{}"}`,
    'anthropic-messages': (at) => `{"type":"tool_use","id":"c${at}","name":"t","input":{}}`,
    gemini: () => '{"functionCall":{"name":"t","args":{}}}',
  };
  const results: Record<Protocol, Thing> = {
    'openai-chat': (at) => `{"role":"tool","tool_call_id":"c${at}","content":"x"}`,
    'openai-responses': (at) => `{"type":"function_call_output","call_id":"c${at}","output":"x"}`,
    'anthropic-messages': (at) =>
      `{"role":"user","content":[{"type":"tool_result","tool_use_id":"c${at}","content":"x"}]}`,
    gemini: () => '{"role":"user","parts":[{"functionResponse":{"name":"t","response":{}}}]}',
  };
  const thoughts: Record<Protocol, Thing> = {
    'openai-chat': () => '{"role":"assistant","content":"x","reasoning_content":"y"}',
    'openai-responses': (at) =>
      `{"type":"reasoning","id":"rs_${at}","summary":[{"type":"summary_text","text":"y"}],"encrypted_content":"abc"}`,
    'anthropic-messages': () =>
      '{"role":"assistant","content":[{"type":"thinking","thinking":"y","signature":"abcd"},{"type":"text","text":"x"}]}',
    gemini: () => '{"role":"model","parts":[{"text":"y","thought":true,"thoughtSignature":"abcd"}]}',
  };
  const system: Record<Protocol, Thing> = {
    'openai-chat': () => '{"role":"system","content":"x"},{"role":"user","content":"y"}',
    'openai-responses': () => '{"role":"developer","content":"x"},{"role":"user","content":"y"}',
    'anthropic-messages': () => '{"role":"system","content":"x"},{"role":"user","content":"y"}',
    gemini: () => '{"role":"system","parts":[{"text":"x"}]},{"role":"user","parts":[{"text":"y"}]}',
  };
  const message = (inner: string): string =>
    protocol === 'gemini' ? `{"role":"user","parts":[${inner}]}` : `{"role":"user","content":[${inner}]}`;
  const plain = protocol === 'gemini' ? message(text.gemini) : '{"role":"user","content":"x"}';
  const turn: Record<Protocol, string> = {
    'openai-chat': `${plain},{"role":"assistant","content":"y"}`,
    'openai-responses': `${plain},{"role":"assistant","content":[{"type":"output_text","text":"y"}]}`,
    'anthropic-messages': `${plain},{"role":"assistant","content":"y"}`,
    gemini: `${plain},{"role":"model","parts":[{"text":"y"}]}`,
  };
  const inCalls: Record<Protocol, (list: string) => string> = {
    'openai-chat': (all) => `{"role":"assistant","tool_calls":[${all}]}`,
    'openai-responses': (all) => all,
    'anthropic-messages': (all) => `{"role":"assistant","content":[${all}]}`,
    gemini: (all) => `{"role":"model","parts":[${all}]}`,
  };
  const marked = (thing: string): string => thing.replace(/^\{/, '{"cache_control":{"type":"ephemeral"},');
  const properties = (inner: string): string => `{"type":"object","properties":{${inner}}}`;
  const own = [
    list(
      'messages',
      () => plain,
      (all) => conversation(protocol, all),
    ),
    list(
      'turns',
      () => turn[protocol],
      (all) => conversation(protocol, all),
    ),
    list('system messages', system[protocol], (all) => conversation(protocol, all)),
    list(
      'messages of parts',
      () => message(text[protocol]),
      (all) => conversation(protocol, all),
    ),
    list(
      'parts',
      () => text[protocol],
      (all) => parts(protocol, all),
    ),
    list(
      'marked parts',
      () => marked(text[protocol]),
      (all) => parts(protocol, all),
    ),
    list(
      'images',
      () => image[protocol],
      (all) => parts(protocol, all),
    ),
    list(
      'files',
      () => file[protocol],
      (all) => parts(protocol, all),
    ),
    list('tools', tool[protocol], (all) => beside(protocol, `"tools":[${all}]`)),
    list('tools of long names', wideTool[protocol], (all) => beside(protocol, `"tools":[${all}]`)),
    list('calls with results', pair[protocol], (all) => conversation(protocol, all)),
    list('calls', calls[protocol], (all) => conversation(protocol, inCalls[protocol](all))),
    list('results', results[protocol], (all) => conversation(protocol, all)),
    list('thoughts', thoughts[protocol], (all) => conversation(protocol, all)),
    list(
      'top-level names',
      (at) => `"k${at}":1`,
      (all) => beside(protocol, all),
    ),
    list(
      'properties of a tool',
      (at) => `"k${at}":{"type":"string"}`,
      (all) => beside(protocol, schema[protocol](properties(all))),
    ),
    list(
      'properties of the output',
      (at) => `"k${at}":{"type":"string"}`,
      (all) => beside(protocol, output[protocol](properties(all))),
    ),
    list(
      'alternatives of a tool',
      () => '{"type":"string"}',
      (all) => beside(protocol, schema[protocol](`{"anyOf":[${all}]}`)),
    ),
    list(
      'references of a tool',
      () => '{"$ref":"#/$defs/a"}',
      (all) => beside(protocol, schema[protocol](`{"$defs":{"a":{"type":"string"}},"anyOf":[${all}]}`)),
    ),
    list(
      'references of references',
      (at) => `"d${at}":{"$ref":"#/$defs/d${at + 1}"}`,
      (all) => beside(protocol, schema[protocol](`{"$defs":{${all},"z":{}},"$ref":"#/$defs/d0"}`)),
    ),
    list(
      'white space',
      () => ' \n',
      (all) => beside(protocol, `"x":${all.replaceAll(',', '')}1`),
    ),
    list(
      'white space around values',
      () => ' \n\t 1 \r\n ',
      (all) => beside(protocol, `"x":[${all}]`),
    ),
    list(
      'other models',
      (at) => `"m${at}"`,
      (all) => beside(protocol, `"models":[${all}],"fallbacks":[${all.slice(0, 1000)}"m"]`),
    ),
    list(
      'one member of the input of a call',
      (at) => `"a":${at}`,
      (all) => conversation(protocol, call[protocol](`{${all}}`)),
    ),
    list(
      'members in members',
      () => '{"a":{"b":[{"c":"d"}]},"e":"f"}',
      (all) => conversation(protocol, call[protocol](`{"a":[${all}]}`)),
    ),
    list(
      'escaped names',
      (at) => `"\\u006b${at}":1`,
      (all) => beside(protocol, `"x":{${all}}`),
    ),
    list('tools and their calls', tool[protocol], (all) => {
      const count = all.split('"t').length - 1;
      const called = Array.from({ length: Math.floor(count / 2) }, (_, at) =>
        calls[protocol](at).replace('"name":"t"', `"name":"t${count - at - 1}"`),
      ).join();
      return conversation(protocol, inCalls[protocol](called)).replace(/\}$/, `,"tools":[${all}]}`);
    }),
    list('calls, then their results backwards', calls[protocol], (all) => {
      const count = all.split('"name":"t"').length - 1;
      const answered = Array.from({ length: count }, (_, at) => results[protocol](count - at - 1)).join();
      return conversation(protocol, `${inCalls[protocol](all)},${answered}`);
    }),
    list(
      'pictures of a kilobyte',
      () => image[protocol].replace(picture, picture.repeat(16)),
      (all) => parts(protocol, all),
    ),
    list(
      'what is no JSON at the end',
      () => plain,
      (all) => `${conversation(protocol, all).slice(0, -1)},}`,
    ),
  ];
  if (protocol === 'openai-chat')
    own.push(
      list(
        'options of the stream',
        (at) => `"k${at}"`,
        (all) => beside(protocol, `"stream":true,"stream_options":{"x":[${all}]}`),
      ),
    );
  if (protocol === 'anthropic-messages')
    own.push(
      list(
        'blocks deep inside of blocks',
        () => '{"type":"text","text":"x","citations":[{"encrypted_index":"","type":"char_location"}]}',
        (all) =>
          parts(
            protocol,
            `${'{"type":"tool_result","tool_use_id":"c","content":['.repeat(100)}${all}${']}'.repeat(100)}`,
          ),
      ),
    );
  if (protocol === 'anthropic-messages')
    own.push(
      list(
        'system parts',
        () => text[protocol],
        (all) => `{${firstOf[protocol]},"system":[${all}],${small[protocol]}}`,
      ),
    );
  if (protocol === 'gemini')
    own.push(
      list(
        'system parts',
        () => text[protocol],
        (all) => `{"systemInstruction":{"parts":[${all}]},${small[protocol]}}`,
      ),
    );
  return own;
}

/** Places of a request that hold one long text. */
export function textPlaces(protocol: Protocol): TextPlace[] {
  const one: Record<Protocol, (text: string) => string> = {
    'openai-chat': (text) => `{"role":"user","content":"${text}"}`,
    'openai-responses': (text) => `{"role":"user","content":"${text}"}`,
    'anthropic-messages': (text) => `{"role":"user","content":"${text}"}`,
    gemini: (text) => `{"role":"user","parts":[{"text":"${text}"}]}`,
  };
  const picture: Record<Protocol, (text: string) => string> = {
    'openai-chat': (text) => `{"type":"image_url","image_url":{"url":"data:image/png;base64,${text}"}}`,
    'openai-responses': (text) => `{"type":"input_image","image_url":"data:image/png;base64,${text}"}`,
    'anthropic-messages': (text) =>
      `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${text}"}}`,
    gemini: (text) => `{"inlineData":{"mimeType":"image/png","data":"${text}"}}`,
  };
  const result: Record<Protocol, (text: string) => string> = {
    'openai-chat': (text) => `{"role":"tool","tool_call_id":"c1","content":"${text}"}`,
    'openai-responses': (text) => `{"type":"function_call_output","call_id":"c1","output":"${text}"}`,
    'anthropic-messages': (text) =>
      `{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"${text}"}]}`,
    gemini: (text) =>
      `{"role":"user","parts":[{"functionResponse":{"name":"t","response":{"output":"${text}"}}}]}`,
  };
  const rawCall: Record<Protocol, (text: string) => string> = {
    'openai-chat': (text) =>
      `{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"t","arguments":"${text}"}}]}`,
    'openai-responses': (text) => `{"type":"function_call","call_id":"c1","name":"t","arguments":"${text}"}`,
    'anthropic-messages': (text) =>
      `{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input":{"x":"${text}"}}]}`,
    gemini: (text) => `{"role":"model","parts":[{"functionCall":{"name":"t","args":{"x":"${text}"}}}]}`,
  };
  const signature: Record<Protocol, (text: string) => string> = {
    'openai-chat': (text) => `{"role":"assistant","content":"x","reasoning_content":"${text}"}`,
    'openai-responses': (text) =>
      `{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"${text}"}`,
    'anthropic-messages': (text) =>
      `{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"${text}"},{"type":"text","text":"y"}]}`,
    gemini: (text) => `{"role":"model","parts":[{"text":"x","thoughtSignature":"${text}"}]}`,
  };
  const file: Record<Protocol, (type: string, data: string) => string> = {
    'openai-chat': (type, data) =>
      `{"type":"file","file":{"filename":"a.txt","file_data":"data:${type};base64,${data}"}}`,
    'openai-responses': (type, data) =>
      `{"type":"input_file","filename":"a.txt","file_data":"data:${type};base64,${data}"}`,
    'anthropic-messages': (type, data) =>
      `{"type":"document","source":{"type":"base64","media_type":"${type}","data":"${data}"}}`,
    gemini: (type, data) => `{"inlineData":{"mimeType":"${type}","data":"${data}"}}`,
  };
  const address: Record<Protocol, (url: string) => string> = {
    'openai-chat': (url) => `{"type":"image_url","image_url":{"url":"${url}"}}`,
    'openai-responses': (url) => `{"type":"input_image","image_url":"${url}"}`,
    'anthropic-messages': (url) => `{"type":"image","source":{"type":"url","url":"${url}"}}`,
    gemini: (url) => `{"fileData":{"mimeType":"image/png","fileUri":"${url}"}}`,
  };
  return [
    { name: 'a message', body: (text) => conversation(protocol, one[protocol](text)) },
    { name: 'an image', body: (text) => parts(protocol, picture[protocol](text)) },
    { name: 'a result', body: (text) => conversation(protocol, result[protocol](text)) },
    { name: 'the arguments of a call', body: (text) => conversation(protocol, rawCall[protocol](text)) },
    { name: 'a signature', body: (text) => conversation(protocol, signature[protocol](text)) },
    { name: 'a field that nobody knows', body: (text) => beside(protocol, `"x":"${text}"`) },
    { name: 'a name of a field', body: (text) => beside(protocol, `"${text}":1`) },
    {
      name: 'the name of a tool',
      body: (text) => beside(protocol, schema[protocol]('{"type":"object"}').replace('"t"', `"${text}"`)),
    },
    {
      name: 'the pattern of a tool',
      body: (text) =>
        beside(
          protocol,
          schema[protocol](`{"type":"object","properties":{"a":{"type":"string","description":"${text}"}}}`),
        ),
    },
    { name: 'the name of the user', body: (text) => beside(protocol, `"user":"${text}"`) },
    {
      name: 'the user of the metadata',
      body: (text) => beside(protocol, `"metadata":{"user_id":"${text}"}`),
    },
    {
      name: 'the user of the metadata, as JSON',
      body: (text) => beside(protocol, `"metadata":{"user_id":"{\\"a\\":[${text}"}`),
    },
    { name: 'a text file', body: (text) => parts(protocol, file[protocol]('text/plain', text)) },
    { name: 'the type of a file', body: (text) => parts(protocol, file[protocol](`text/${text}`, 'YWJj')) },
    { name: 'an address', body: (text) => parts(protocol, address[protocol](text)) },
    { name: 'the head of a data URL', body: (text) => parts(protocol, address[protocol](`data:${text},x`)) },
    {
      name: 'a reference of a tool',
      body: (text) =>
        beside(protocol, schema[protocol](`{"type":"object","properties":{"a":{"$ref":"#/${text}"}}}`)),
    },
  ];
}
