/**
 * A stand-in for Workers AI in one account of Cloudflare, with a model that takes texts alone and one that sees. It refuses as
 * the service does. Sources: developers.cloudflare.com/workers-ai/platform/errors; cloudflare/cloudflare-os#54,
 * anomalyco/opencode#30381 and diegosouzapw/OmniRoute#12002 (contents), anomalyco/opencode#23773 (an account that is none),
 * jekalmin/extended_openai_conversation#228 (no list at /v1/models).
 */

import type { JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../../src/protocols/json-members.ts';

import { type Asked, chatAnswer, chatStream, startUpstream, type Upstream } from '../gateway/upstream.ts';

export const textModel = '@cf/openai/gpt-oss-120b';
export const seeingModel = '@cf/meta/llama-4-scout-17b-16e-instruct';
const account = '/client/v4/accounts/0123456789abcdef0123456789abcdef';

export interface StrictCloudflare extends Upstream {
  /** The address of the account, up to and including its id. */
  account: string;
  bodies(): JsonObject[];
}

const refused = (status: number, code: number, message: string) =>
  Response.json({ result: null, success: false, errors: [{ code, message }], messages: [] }, { status });

const badInput = (...faults: string[]) =>
  Response.json(
    {
      errors: {
        message: `AiError: Bad input: Error: oneOf at '/' not met, 0 matches: ${["required properties at '/' are 'prompt'", ...faults].join(', ')}`,
        code: 5006,
      },
      success: false,
      result: {},
      messages: [],
    },
    { status: 400 },
  );

function faultsOf({ model, messages }: JsonObject): string[] {
  return asObjects(messages).flatMap(({ role, content }, index) => {
    if (role === undefined || content === undefined || content === null)
      return [`required properties at '/messages/${index}' are 'role,content'`];
    return Array.isArray(content) && model !== seeingModel
      ? [`Type mismatch of '/messages/${index}/content', 'array' not in 'string'`]
      : [];
  });
}

/** With `spent` the free allocation of the day is used up. */
export function startStrictCloudflare(spent = false): StrictCloudflare {
  const read = ({ body }: Asked): JsonObject => asObject(JSON.parse(new TextDecoder().decode(body))) ?? {};
  const upstream = startUpstream((asked) => {
    const { pathname, searchParams } = new URL(asked.path, 'http://cloudflare');
    if (!pathname.startsWith(`${account}/`))
      return refused(404, 7003, `Could not route to ${pathname}, perhaps your object identifier is invalid?`);
    if (!/^[\w-]+$/.test(asked.key)) return refused(400, 6003, 'Invalid request headers');
    if (asked.key !== 'cloudflare-token') return refused(401, 10000, 'Authentication error');
    const path = pathname.slice(account.length);
    if (path === '/ai/models/search') return listed(searchParams.get('task'));
    if (asked.method !== 'POST')
      return refused(405, 7001, `${asked.method} not supported for requested URI.`);
    if (path === '/ai/v1/embeddings')
      return Response.json({
        object: 'list',
        model: '@cf/baai/bge-m3',
        data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        usage: { prompt_tokens: 1, total_tokens: 1 },
      });
    if (path !== '/ai/v1/chat/completions') return refused(404, 7000, 'No route for that URI');
    if (spent)
      return refused(
        429,
        3036,
        "You have used up your daily free allocation of 10,000 neurons. Please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage.",
      );
    const body = read(asked);
    if (body.model !== textModel && body.model !== seeingModel)
      return refused(400, 5007, `No such model ${asString(body.model) ?? ''} or task`);
    const faults = faultsOf(body);
    if (faults.length > 0) return badInput(...faults);
    const text = `high at noon, ${String(asArray(body.messages).length)} messages`;
    return body.stream === true ? chatStream(text) : chatAnswer(text);
  });
  return {
    ...upstream,
    account: upstream.url + account,
    bodies: () => upstream.asked.filter(({ method }) => method === 'POST').map(read),
    [Symbol.dispose]: () => upstream[Symbol.dispose](),
  };
}

function listed(task: string | null): Response {
  const all = [
    { name: textModel, task: { name: 'Text Generation' } },
    { name: seeingModel, task: { name: 'Text Generation' } },
    { name: '@cf/baai/bge-m3', task: { name: 'Text Embeddings' } },
  ];
  return Response.json({
    success: true,
    errors: [],
    messages: [],
    result: all.filter((model) => task === null || model.task.name === task),
  });
}
