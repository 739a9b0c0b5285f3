import {
  ApiError,
  type Content,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from '@google/genai';
import { type Conversation, inputOf, type OfficialClient, type Settings, type Told } from './conversation.ts';

/** `@google/genai`. */
export const geminiClient: OfficialClient = {
  name: '@google/genai',
  protocol: 'gemini',
  open,
  shown(error) {
    // The class shows no headers.
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status, message: error.message };
  },
};

function open(settings: Settings): Conversation {
  const client = new GoogleGenAI({
    apiKey: settings.key,
    vertexai: false,
    httpOptions: { baseUrl: settings.url, headers: settings.headers ?? {} },
  });
  const history: Content[] = [];
  let calls: Told['calls'] = [];

  async function ask(): Promise<Told> {
    const params: GenerateContentParameters = {
      model: settings.model,
      contents: history,
      config: {
        ...(settings.system !== undefined && { systemInstruction: settings.system }),
        ...(settings.tools && {
          tools: [
            {
              functionDeclarations: settings.tools.map(({ name, description, parameters }) => ({
                name,
                description,
                parametersJsonSchema: parameters,
              })),
            },
          ],
        }),
        ...(settings.stop && { stopSequences: settings.stop }),
        ...(settings.thinks && { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } }),
        ...(settings.maxTokens && { maxOutputTokens: settings.maxTokens }),
        ...(settings.signal && { abortSignal: settings.signal }),
      },
    };
    const answer = settings.stream
      ? await streamed(client, params, settings)
      : [await client.models.generateContent(params)];
    history.push({ role: 'model', parts: partsOf(answer) });
    const told = toldBy(answer);
    calls = told.calls;
    return told;
  }

  return {
    say(text, image) {
      const parts: Part[] = [{ text }];
      if (image !== undefined) parts.push({ inlineData: { mimeType: 'image/png', data: image } });
      history.push({ role: 'user', parts });
      return ask();
    },
    give(results) {
      history.push({
        role: 'user',
        parts: calls.map(({ id, name }, index) => ({
          functionResponse: {
            ...(id !== '' && { id }),
            name,
            // The API's two words for what a function gave: ai.google.dev/api/caching#FunctionResponse.
            response: { [results[index]?.isError ? 'error' : 'output']: results[index]?.text ?? '' },
          },
        })),
      });
      return ask();
    },
  };
}

async function streamed(
  client: GoogleGenAI,
  params: GenerateContentParameters,
  settings: Settings,
): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of await client.models.generateContentStream(params)) {
    chunks.push(chunk);
    const text = textOf(partsOf([chunk]));
    if (text !== '') settings.onText?.(text);
  }
  return chunks;
}

function partsOf(answer: readonly GenerateContentResponse[]): Part[] {
  return answer.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
}

const finishes: Record<string, Told['finish']> = { STOP: 'stop', MAX_TOKENS: 'length' };

function toldBy(answer: readonly GenerateContentResponse[]): Told {
  const parts = partsOf(answer);
  const ends = answer.flatMap((chunk) => chunk.candidates?.[0]?.finishReason ?? []);
  if (ends.length !== 1) throw new Error(`the answer ends ${ends.length} times`);
  const usage = answer.findLast((chunk) => chunk.usageMetadata !== undefined)?.usageMetadata;
  const calls = parts.flatMap(({ functionCall }) =>
    functionCall === undefined
      ? []
      : [
          {
            id: functionCall.id ?? '',
            name: functionCall.name ?? '',
            input: inputOf(JSON.stringify(functionCall.args ?? {})),
          },
        ],
  );
  return {
    text: textOf(parts),
    calls,
    // Gemini says STOP after calls too.
    finish: calls.length > 0 ? 'tool-calls' : (finishes[ends[0] ?? ''] ?? 'refusal'),
    usage: {
      input: usage?.promptTokenCount ?? 0,
      output: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
    },
  };
}
