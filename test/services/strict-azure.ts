/**
 * A stand-in for a resource of Azure OpenAI with one deployment, `my-gpt`: it knows the addresses that the resource has and
 * refuses the others as the service does. Sources: learn.microsoft.com/azure/ai-foundry/openai/reference and
 * api-version-lifecycle; openai-node's AzureOpenAI for what stands below a deployment.
 */

import type { JsonObject } from '../../src/protocols/json.ts';
import { asObject, asString } from '../../src/protocols/json-members.ts';
import { chatAnswer, chatStream, startUpstream, type Upstream } from '../gateway/upstream.ts';

const datedVersions = ['2024-10-21', '2025-04-01-preview'];
const newerVersions = [null, 'v1', 'preview', 'latest'];
/** What needs the deployment in its address in the dated API. */
const deployed = /^\/openai\/deployments\/([^/]+)\/(chat\/completions|embeddings|images\/generations)$/;
const newer = /^\/openai\/v1\/(chat\/completions|responses|embeddings|images\/generations)$/;

const error = (status: number, code: string, message: string) =>
  Response.json({ error: { code, message } }, { status });
const nowhere = () => error(404, '404', 'Resource not found');

export function startStrictAzure(): Upstream {
  return startUpstream(({ path, headers, body }) => {
    const { pathname, searchParams } = new URL(path, 'http://azure');
    const version = searchParams.get('api-version');
    const token = headers.get('authorization') === 'Bearer eyJhbGciOiJub25lIn0.eyJhdWQiOiJheiJ9.c2ln';
    if (headers.get('api-key') !== 'azure-key' && !token)
      return error(
        401,
        '401',
        'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
      );
    const sent: JsonObject = asObject(JSON.parse(new TextDecoder().decode(body) || '{}')) ?? {};
    const below = deployed.exec(pathname);
    const isNewer = newer.test(pathname);
    if (below === null && !isNewer && pathname !== '/openai/responses') return nowhere();
    if (isNewer ? !newerVersions.includes(version) : !datedVersions.includes(version ?? ''))
      return isNewer ? error(400, 'BadRequest', 'API version not supported') : nowhere();
    const deployment = below?.[1] ?? asString(sent.model);
    if (deployment !== 'my-gpt')
      return error(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
    if (pathname.endsWith('/embeddings'))
      return Response.json({
        object: 'list',
        model: 'text-embedding-3-small',
        data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        usage: { prompt_tokens: 1, total_tokens: 1 },
      });
    if (pathname.endsWith('/responses')) return responsesAnswer('noon');
    return sent.stream === true ? chatStream('noon') : chatAnswer('noon');
  });
}

function responsesAnswer(text: string): Response {
  return Response.json({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'my-gpt',
    output: [
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
    ],
    usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
  });
}
