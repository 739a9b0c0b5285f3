/** Second answers and log probabilities of another protocol, as the official clients read them. */
import { describe, expect, test } from 'bun:test';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, oneUpstream, startTested } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';

const { gateway } = await overSandbox();

describe('two answers to one request', () => {
  const openai = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const asked = {
    model: modelOver.gemini,
    n: 2,
    messages: [{ role: 'user' as const, content: 'Good morning' }],
  };
  const greeting = 'Hello from the sandbox! You said: "Good morning"';

  test('are told to a chat client by a Gemini upstream, whole', async () => {
    const { choices } = await openai.chat.completions.create(asked);
    expect(
      choices.map(({ index, message, finish_reason }) => [index, message.content, finish_reason]),
    ).toEqual([
      [0, greeting, 'stop'],
      [1, greeting, 'stop'],
    ]);
  });

  test('and streamed', async () => {
    const { choices } = await openai.chat.completions
      .stream({ ...asked, stream: true })
      .finalChatCompletion();
    expect(
      choices.map(({ index, message, finish_reason }) => [index, message.content, finish_reason]),
    ).toEqual([
      [0, greeting, 'stop'],
      [1, greeting, 'stop'],
    ]);
  });

  test('are told to a Gemini client by a chat upstream', async () => {
    const google = new GoogleGenAI({
      apiKey: clientKey,
      vertexai: false,
      httpOptions: { baseUrl: gateway.url },
    });
    const { candidates } = await google.models.generateContent({
      model: modelOver['openai-chat'],
      contents: 'Good morning',
      config: { candidateCount: 2 },
    });
    expect(
      candidates?.map(({ index, content, finishReason }) => [
        index,
        content?.parts?.[0]?.text,
        String(finishReason),
      ]),
    ).toEqual([
      [0, greeting, 'STOP'],
      [1, greeting, 'STOP'],
    ]);
  });
});

describe('log probabilities of a stream', () => {
  const tokens = [
    { token: 'Hel', logprob: -0.1 },
    { token: 'lo', logprob: -0.2 },
  ];
  const chunk = (choice: object) =>
    `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, finish_reason: null, ...choice }] })}\n\n`;
  const gemini = (parts: object[], more: object) =>
    `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }] })}\n\n`;

  test('of Gemini are read by a chat client', async () => {
    using upstream = startUpstream(() =>
      eventStream(
        tokens
          .map(({ token, logprob }, at) =>
            gemini([{ text: token }], {
              logprobsResult: { chosenCandidates: [{ token, logProbability: logprob }] },
              ...(at === 1 && { finishReason: 'STOP' }),
            }),
          )
          .join(''),
      ),
    );
    await using own = await startTested(oneUpstream('gemini', upstream.url, [{ name: 'm' }]));
    const openai = new OpenAI({ apiKey: clientKey, baseURL: `${own.url}/v1`, maxRetries: 0 });
    const { choices } = await openai.chat.completions
      .stream({ model: 'm', logprobs: true, messages: [{ role: 'user', content: 'Hello' }] })
      .finalChatCompletion();
    expect(choices[0]?.message.content).toBe('Hello');
    expect(choices[0]?.logprobs?.content).toMatchObject(tokens);
  });

  test('of a chat upstream are read by a Responses client', async () => {
    using upstream = startUpstream(() =>
      eventStream(
        `${tokens
          .map(({ token, logprob }) =>
            chunk({
              delta: { content: token },
              logprobs: { content: [{ token, logprob, bytes: null, top_logprobs: [] }], refusal: null },
            }),
          )
          .join('')}${chunk({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`,
      ),
    );
    await using own = await startTested(oneUpstream('openai-chat', upstream.url, [{ name: 'm' }]));
    const openai = new OpenAI({ apiKey: clientKey, baseURL: `${own.url}/v1`, maxRetries: 0 });
    const { output } = await openai.responses
      .stream({ model: 'm', input: 'Hello', include: ['message.output_text.logprobs'] })
      .finalResponse();
    expect(output).toMatchObject([{ content: [{ text: 'Hello', logprobs: tokens }] }]);
  });
});
