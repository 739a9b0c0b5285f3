/** A conversation goes on, whichever replica it comes to. */
import { afterAll, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../../src/protocols/json.ts';
import { asObject, asString } from '../../../src/protocols/json-members.ts';
import { chatAnswer, startUpstream } from '../../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../../gateway-harness.ts';
import { startCluster } from '../cluster.ts';

let answers = 0;
const upstream = startUpstream(async ({ key }) => {
  answers += 1;
  return new Response((await chatAnswer(key).text()).replace('chatcmpl-1', `chatcmpl-${answers}`), {
    headers: { 'content-type': 'application/json' },
  });
});
afterAll(() => upstream[Symbol.dispose]());

/** Three keys of one service; the first that may is taken. */
const three: JsonObject = {
  routing: { strategy: 'fill-first' },
  'openai-compatibility': [
    {
      name: 'service',
      'base-url': `${upstream.url}/v1`,
      'api-key-entries': ['key-a', 'key-b', 'key-c'].map((key) => ({ 'api-key': key })),
      models: [{ name: 'model' }],
    },
  ],
};
test('a conversation stays on its account, whichever replica it comes to', async () => {
  const settings = { ...three, routing: { strategy: 'round-robin', 'session-affinity': true } };
  await using cluster = await startCluster({ replicas: 3, settings });
  const accountOf = async (replica: number, conversation: string): Promise<string> => {
    const answer = await fetch(`${cluster.replicas.at(replica).url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'model',
        prompt_cache_key: conversation,
        messages: [{ role: 'user', content: 'hi' }],
      }),
    });
    const choices = asObject(parseJson(await answer.text()))?.choices;
    const [choice] = Array.isArray(choices) ? choices : [];
    return asString(asObject(asObject(choice)?.message)?.content) ?? '';
  };
  const conversations = Array.from({ length: 12 }, (_, index) => `conversation ${index}`);
  const first = await Promise.all(conversations.map((name, index) => accountOf(index % 3, name)));
  expect(new Set(first).size).toBe(3);
  for (const step of [1, 2])
    expect(
      await Promise.all(conversations.map((name, index) => accountOf((index + step) % 3, name))),
    ).toEqual(first);
});

test('previous_response_id works on any replica as soon as the answer has ended', async () => {
  const settings = oneUpstream('openai-chat', upstream.url, [{ name: 'model' }]);
  await using cluster = await startCluster({ replicas: 3, settings });
  const respond = async (replica: number, body: JsonObject) => {
    const answer = await fetch(`${cluster.replicas.at(replica).url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'model', input: 'hi', ...body }),
    });
    return { status: answer.status, body: await answer.text() };
  };
  for (let round = 0; round < 100; round += 1) {
    // Every other one as a stream: its end must not come before the others know it. The upstream answers as a whole.
    const begun = await respond(round % 3, { store: true, stream: round % 2 === 1 });
    const id = /"id":"(resp_[^"]+)"/.exec(begun.body)?.[1];
    const next = await respond((round + 1) % 3, { previous_response_id: id ?? 'none' });
    expect(next.status, `round ${round}: ${next.body}`).toBe(200);
  }
});
