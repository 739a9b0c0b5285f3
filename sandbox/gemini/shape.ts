/** What Gemini requests must look like, after their names are in lower camel case. */
import type {
  Content,
  FunctionCall,
  FunctionDeclaration,
  GenerationConfig,
  Part,
  ToolConfig,
} from '@google/genai';
import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asObject } from '../json-members.ts';
import {
  also,
  anything,
  chosenBy,
  flag,
  integer,
  isBase64,
  list,
  mapOf,
  number,
  object,
  record,
  type Shape,
  text,
  word,
  wrong,
} from '../shape.ts';

/** Values whose keys are the user's own: never renamed. */
const foreign = new Set([
  'args',
  'response',
  'parametersJsonSchema',
  'responseJsonSchema',
  'labels',
  'partMetadata',
  'default',
  'example',
]);

const lists = new Set(['contents', 'parts', 'tools']);

/**
 * The body in lower camel case: protobuf's JSON form takes `snake_case` names too.
 * Only messages are renamed, not what users put into them.
 */
export function camelCased(value: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const key in value) {
    const name = key.startsWith('x_')
      ? key
      : key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const renamed =
      name === 'properties'
        ? camelCasedValues(value[key])
        : foreign.has(name)
          ? value[key]
          : camelCasedJson(value[key]);
    // A single message may stand where a list of them is meant.
    result[name] = lists.has(name) && isObject(renamed) ? [renamed] : renamed;
  }
  return result;
}

/** The names are the user's, what they stand for are messages. */
function camelCasedValues(value: Json | undefined): Json | undefined {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, camelCasedJson(one) ?? null]));
}

function camelCasedJson(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => camelCasedJson(item) ?? null);
  return isObject(value) ? camelCased(value) : value;
}

const functionName = text({
  pattern: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/,
  expected:
    'a name that begins with a letter or an underscore and has only letters, digits and _ . : -, at most 128',
});

const mediaType = text({ pattern: /^[\w.+-]+\/[\w.+-]+/, expected: 'a media type' });
/** Protobuf takes both base64 alphabets, with or without padding. */
const bytes = text().refine((value) => isBase64(paddedBase64(value)), 'base64 data');

/** Standard base64 with padding from any of the forms that protobuf takes. */
export function paddedBase64(data: string): string {
  const standard = data.replaceAll('-', '+').replaceAll('_', '/');
  return standard.padEnd(Math.ceil(standard.length / 4) * 4, '=');
}

/** "Unsupported MIME type: application/vnd…": https://ai.google.dev/gemini-api/docs/document-processing. */
const readType = also(mediaType, (value) =>
  /^application\/(msword|vnd\.|zip|x-zip|octet-stream)/.test(value)
    ? wrong('a MIME type that is supported', value)
    : undefined,
);
const blob = record({ mimeType: readType, data: bytes }, { displayName: text() });
const fileData = record({ fileUri: text({ min: 1 }) }, { mimeType: mediaType, displayName: text() });

const partData = {
  text: text(),
  inlineData: blob,
  fileData,
  functionCall: record({ name: functionName }, {
    args: object,
    id: text(),
    partialArgs: list(object),
    willContinue: flag,
  } satisfies Partial<Record<keyof FunctionCall, Shape>>),
  functionResponse: record(
    { name: functionName, response: object },
    { id: text(), parts: list(object), scheduling: text(), willContinue: flag },
  ),
  executableCode: object,
  codeExecutionResult: object,
  toolCall: object,
  toolResponse: object,
} satisfies Partial<Record<keyof Part, Shape>>;

const partNames = Object.keys(partData);
const part = also(
  record({}, {
    ...partData,
    thought: flag,
    thoughtSignature: bytes,
    videoMetadata: object,
    partMetadata: object,
    mediaResolution: anything,
    mediaProcessing: object,
    audioTranscription: object,
    speechMetadata: object,
  } satisfies Record<keyof Part, Shape>),
  (value) => {
    const filled = partNames.filter((name) => value[name] !== undefined && value[name] !== null);
    if (filled.length === 1) return undefined;
    return wrong(
      `exactly one of ${partNames.join(', ')}`,
      filled.length === 0 ? undefined : filled.join(' and '),
    );
  },
);

const content = record({ parts: list(part, 1) }, {
  role: word('user', 'model', 'function'),
} satisfies Partial<Record<keyof Content, Shape>>);
/** "System instruction … Currently, text only." */
const textPart = record({ text: text() }, { thought: flag, thoughtSignature: bytes, partMetadata: object });
const systemContent = record({ parts: list(textPart, 1) }, { role: text() });
const embeddedContent = record({ parts: list(part, 1) }, { role: text() });

/** Fields of Google's `Schema` message; anything else of JSON Schema is refused there. https://ai.google.dev/api/caching#Schema */
const schemaFields: Record<string, Shape> = {
  type: word(
    ...['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL', 'TYPE_UNSPECIFIED'].flatMap(
      (type) => [type, type.toLowerCase()],
    ),
  ),
  format: text(),
  title: text(),
  description: text(),
  nullable: flag,
  enum: list(text()),
  minItems: anything,
  maxItems: anything,
  minProperties: anything,
  maxProperties: anything,
  minLength: anything,
  maxLength: anything,
  minimum: number(),
  maximum: number(),
  pattern: text(),
  example: anything,
  default: anything,
  propertyOrdering: list(text()),
  required: list(text()),
};
const schema: Shape = z.lazy(() => schemaShape);
schemaFields.properties = mapOf(schema);
schemaFields.items = schema;
schemaFields.anyOf = list(schema);
const schemaShape = also(record({}, schemaFields), ({ type, items, properties, required }) => {
  // "items: missing field.", "required[0]: property is not defined"
  if (typeof type === 'string' && type.toUpperCase() === 'ARRAY' && !items)
    return wrong('items, which arrays need', items);
  const names = Object.keys(properties ?? {});
  const other = Array.isArray(required) ? required.find((name) => !names.includes(String(name))) : undefined;
  return other === undefined ? undefined : wrong('names of properties in required', other);
});

const jsonSchema: Shape = object;

const declaration = also(
  record({ name: functionName }, {
    description: text(),
    parameters: schema,
    parametersJsonSchema: jsonSchema,
    response: schema,
    responseJsonSchema: jsonSchema,
    behavior: text(),
  } satisfies Partial<Record<keyof FunctionDeclaration, Shape>>),
  (value) => {
    return value.parameters !== undefined && value.parametersJsonSchema !== undefined
      ? wrong('only one of parameters and parametersJsonSchema', 'both')
      : undefined;
  },
);

const tool = record(
  {},
  {
    functionDeclarations: list(declaration),
    googleSearch: object,
    googleSearchRetrieval: object,
    codeExecution: object,
    urlContext: object,
    googleMaps: object,
    enterpriseWebSearch: object,
    retrieval: object,
    fileSearch: object,
    computerUse: object,
    mcpServers: list(object),
  },
);

const toolConfig = record({}, {
  functionCallingConfig: record(
    {},
    {
      mode: word('AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'),
      allowedFunctionNames: list(functionName),
      streamFunctionCallArguments: flag,
    },
  ),
  retrievalConfig: object,
  includeServerSideToolInvocations: flag,
} satisfies Record<keyof ToolConfig, Shape>);

const levels = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH', 'THINKING_LEVEL_UNSPECIFIED'];

const generationConfig = also(
  record({}, {
    temperature: number(0, 2),
    topP: number(0, 1),
    topK: number(1),
    candidateCount: integer(1, 8),
    maxOutputTokens: integer(1),
    // "Up to 5": https://ai.google.dev/api/generate-content#generationconfig
    stopSequences: list(text({ min: 1 }), 0, 5),
    responseMimeType: word('text/plain', 'application/json', 'text/x.enum', ''),
    responseSchema: schema,
    responseJsonSchema: jsonSchema,
    responseFormat: list(object),
    responseModalities: list(word('TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'MODALITY_UNSPECIFIED')),
    presencePenalty: number(-2, 2),
    frequencyPenalty: number(-2, 2),
    seed: integer(-(2 ** 31), 2 ** 31 - 1),
    responseLogprobs: flag,
    logprobs: integer(0, 20),
    thinkingConfig: record(
      {},
      {
        includeThoughts: flag,
        thinkingBudget: integer(-1),
        thinkingLevel: word(...levels, ...levels.map((level) => level.toLowerCase())),
      },
    ),
    mediaResolution: text(),
    speechConfig: object,
    imageConfig: object,
    modelSelectionConfig: object,
    routingConfig: object,
    audioTimestamp: flag,
    audioTranscriptionConfig: object,
    enableAffectiveDialog: flag,
    enableEnhancedCivicAnswers: flag,
    translationConfig: object,
  } satisfies Record<keyof GenerationConfig | 'imageConfig', Shape>),
  // "Only valid if response_logprobs=True."
  (value) =>
    typeof value.logprobs === 'number' && value.responseLogprobs !== true
      ? wrong('responseLogprobs beside logprobs', value.logprobs)
      : undefined,
);

/** https://ai.google.dev/api/generate-content#harmcategory, and what Vertex AI adds. Numbers are their places in the enum. */
const harm = word(
  ...[
    ...[
      'UNSPECIFIED',
      'HARASSMENT',
      'HATE_SPEECH',
      'SEXUALLY_EXPLICIT',
      'DANGEROUS_CONTENT',
      'CIVIC_INTEGRITY',
    ],
    ...['IMAGE_HATE', 'IMAGE_DANGEROUS_CONTENT', 'IMAGE_HARASSMENT', 'IMAGE_SEXUALLY_EXPLICIT', 'JAILBREAK'],
    ...['DEROGATORY', 'TOXICITY', 'VIOLENCE', 'SEXUAL', 'MEDICAL', 'DANGEROUS'],
  ].map((name) => `HARM_CATEGORY_${name}`),
);
/** https://ai.google.dev/api/generate-content#HarmBlockThreshold */
const threshold = word(
  ...['HARM_BLOCK_THRESHOLD_UNSPECIFIED', 'BLOCK_LOW_AND_ABOVE', 'BLOCK_MEDIUM_AND_ABOVE'],
  ...['BLOCK_ONLY_HIGH', 'BLOCK_NONE', 'OFF'],
);

const prompt = {
  systemInstruction: systemContent,
  tools: list(tool),
  toolConfig,
  // "There should not be more than one setting for each SafetyCategory type."
  safetySettings: also(list(record({ category: harm, threshold }, { method: text() })), (settings) => {
    const categories = settings.map((setting) => (isObject(setting) ? setting.category : undefined));
    const twice = categories.find((category, i) => categories.indexOf(category) !== i);
    return twice === undefined ? undefined : wrong('one setting for each category', twice);
  }),
  generationConfig,
  cachedContent: text(),
  // Some clients repeat the path's model in the body.
  model: text(),
};

export const generateBody = record(
  { contents: list(content, 1) },
  { ...prompt, labels: mapOf(text()), serviceTier: text(), store: flag, modelArmorConfig: object },
);

const countedWhole = record({ generateContentRequest: generateBody });
const countedPrompt = record({ contents: list(content, 1) }, prompt);
export const countBody = chosenBy((value) =>
  asObject(asObject(value)?.generateContentRequest) === undefined ? countedPrompt : countedWhole,
);

const embedding = {
  model: text(),
  title: text(),
  taskType: text(),
  outputDimensionality: integer(1),
  embedContentConfig: object,
};
export const embedBody = record({ content: embeddedContent }, embedding);
export const batchEmbedBody = record({ requests: list(embedBody, 1, 100) });

/** The function declarations of a body. */
export function declarationsOf(body: JsonObject): JsonObject[] {
  return asArray(body.tools).flatMap((node) =>
    asArray(asObject(node)?.functionDeclarations).map((value) => asObject(value) ?? {}),
  );
}
