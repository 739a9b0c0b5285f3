import type OpenAI from 'openai';
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
} from 'openai/resources/responses/responses';
import {
  type Conversation,
  inputOf,
  type OfficialClient,
  type Settings,
  sameText,
  type Told,
} from './conversation.ts';
import { openaiFor, shownByOpenai } from './openai-chat.ts';

/** `openai`, Responses; streams through its ResponseStream. */
export const openaiResponsesClient: OfficialClient = {
  name: 'openai (responses)',
  protocol: 'openai-responses',
  open,
  shown: shownByOpenai,
};

function open(settings: Settings): Conversation {
  const client = openaiFor(settings);
  const history: ResponseInputItem[] = [];
  let calls: string[] = [];

  async function ask(): Promise<Told> {
    const params: ResponseCreateParamsNonStreaming = {
      model: settings.model,
      input: history,
      store: false,
      ...(settings.system !== undefined && { instructions: settings.system }),
      ...(settings.tools && {
        tools: settings.tools.map((tool) => ({ type: 'function' as const, strict: false, ...tool })),
      }),
      ...(settings.maxTokens && { max_output_tokens: settings.maxTokens }),
      ...(settings.thinks && {
        reasoning: { effort: 'high', summary: 'auto' },
        include: ['reasoning.encrypted_content'],
      }),
    };
    const response = settings.stream
      ? await streamed(client, params, settings)
      : await client.responses.create(params, { signal: settings.signal });
    for (const item of response.output)
      if (item.type === 'message' || item.type === 'function_call' || item.type === 'reasoning')
        history.push(item);
    const told = toldBy(response);
    calls = told.calls.map((call) => call.id);
    return told;
  }

  return {
    say(text, image) {
      history.push({
        role: 'user',
        content:
          image === undefined
            ? text
            : [
                { type: 'input_text', text },
                { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${image}` },
              ],
      });
      return ask();
    },
    give(results) {
      // The protocol has no mark for a failed call: its text says so.
      for (const [index, id] of calls.entries())
        history.push({ type: 'function_call_output', call_id: id, output: results[index]?.text ?? '' });
      return ask();
    },
  };
}

async function streamed(
  client: OpenAI,
  params: ResponseCreateParamsNonStreaming,
  settings: Settings,
): Promise<Response> {
  const stream = client.responses.stream({ ...params, stream: true }, { signal: settings.signal });
  const pieces: string[] = [];
  let inputs = '';
  let last = -1;
  stream
    .on('response.output_text.delta', ({ delta }) => {
      pieces.push(delta);
      settings.onText?.(delta);
    })
    .on('response.function_call_arguments.delta', ({ delta }) => {
      inputs += delta;
    })
    .on('event', (event) => {
      if (event.sequence_number !== last + 1)
        throw new Error(`${event.type} has sequence number ${event.sequence_number} after ${last}`);
      last = event.sequence_number;
    });
  const response = await stream.finalResponse();
  sameText(pieces, response.output_text);
  const called = response.output.flatMap((item) => (item.type === 'function_call' ? [item.arguments] : []));
  sameText([inputs], called.join(''));
  return response;
}

function toldBy(response: Response): Told {
  if (response.status !== 'completed' && response.status !== 'incomplete')
    throw new Error(`the response is ${response.status}: ${response.error?.message}`);
  const calls = response.output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ id: item.call_id, name: item.name, input: inputOf(item.arguments) }]
      : [],
  );
  return {
    text: response.output_text,
    calls,
    finish: finishOf(response, calls.length > 0),
    usage: { input: response.usage?.input_tokens ?? 0, output: response.usage?.output_tokens ?? 0 },
  };
}

function finishOf(response: Response, called: boolean): Told['finish'] {
  if (response.status === 'incomplete')
    return response.incomplete_details?.reason === 'max_output_tokens' ? 'length' : 'refusal';
  const refused = response.output.some(
    (item) => item.type === 'message' && item.content.some((part) => part.type === 'refusal'),
  );
  return refused ? 'refusal' : called ? 'tool-calls' : 'stop';
}
