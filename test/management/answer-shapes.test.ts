/** Answers of a running gateway beside what the OpenAPI document says of them. */
import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { startSandbox } from '../../sandbox/start.ts';
import * as shapes from '../../src/management/answer-shapes.ts';
import { clientKey, oneUpstream } from '../gateway-harness.ts';
import { type ManagedGateway, managedGateway } from './managed-gateway.ts';

const sandbox = startSandbox({ pace: 0 });
afterAll(() => sandbox.stop());

/** With requests that went well and that failed, accounts, a file that is none, and a log. */
async function filledGateway(): Promise<ManagedGateway> {
  const gateway = await managedGateway(
    {},
    {
      'claude-ann.json': { type: 'claude', email: 'ann@example.test', access_token: 't', refresh_token: 'r' },
      'codex-bob.json': {
        type: 'codex',
        email: 'bob@example.test',
        access_token: 't',
        note: 'of bob',
        priority: 3,
      },
      'broken.json': { type: 'claude', email: 7 },
    },
  );
  const directory = join(gateway.directory, 'logs');
  mkdirSync(directory);
  writeFileSync(join(directory, 'error-chat-2026-req_0011223344556677.log'), 'what happened');
  writeFileSync(
    join(directory, 'main.log'),
    '{"level":"info","time":"2026-11-29T10:10:26.000Z","msg":"started"}\n',
  );
  await gateway.reconfigure({
    ...oneUpstream('openai-chat', sandbox.url, [{ name: 'sandbox' }]),
    'logging-to-file': true,
    log: { directory },
  });
  for (const model of ['sandbox', 'sandbox', 'nobody-has-it'])
    await gateway.ask(
      'POST',
      '/v1/chat/completions',
      { model, messages: [{ role: 'user', content: 'repeat: hi' }], user: 'somebody' },
      { authorization: `Bearer ${clientKey}`, 'x-session-id': 'a-conversation' },
    );
  return gateway;
}

const answers: [ask: string, shape: z.ZodType][] = [
  ['GET usage/summary', shapes.usageTable],
  ['GET usage/summary?by=key,credential,provider,model', shapes.usageTable],
  ['GET usage/summary?by=session', shapes.usageTable],
  ['GET usage/series?step=hour&by=key', shapes.usageTable],
  ['GET usage/series?step=day', shapes.usageTable],
  ['GET usage/requests', shapes.listedRequests],
  ['GET usage/requests?limit=1', shapes.listedRequests],
  ['POST usage/recompute', shapes.recomputed],
  ['GET usage', shapes.peerUsageAnswer],
  ['GET api-key-usage', shapes.keyUsage],
  ['GET auth-files', shapes.listedAuthFiles],
  ['GET auth-files?page=1&page_size=2', shapes.listedAuthFiles],
  ['GET auth-files/models?name=claude-ann.json', shapes.accountModels],
  ['GET logs', shapes.logLines],
  ['GET logs?cursor=rubbish', shapes.logLines],
  ['GET request-error-logs', shapes.logFiles],
  ['GET latest-version', shapes.latestVersion],
  ['GET gateway', shapes.gatewayAnswer],
  ['GET process', shapes.processAnswer],
  ['GET refusals', shapes.refusalsAnswer],
  ['GET cooldowns', shapes.cooldownsAnswer],
  ['DELETE cooldowns/*', shapes.cooldownsEnded],
  ['GET quotas?history=true', shapes.quotasAnswer],
];

test('16: answers are what the document says, and hold nothing that it leaves out', async () => {
  await using gateway = await filledGateway();
  for (const [ask, shape] of answers) {
    const [method = '', path = ''] = ask.split(' ');
    const { status, body } = await gateway.ask(method, path);
    expect([ask, status]).toEqual([ask, 200]);
    expect({ ask, body: shape.parse(body) }).toEqual({ ask, body });
  }
  const { body: list } = await gateway.ask('GET', 'usage/requests');
  expect(list.requests).toHaveLength(3);
  for (const { id } of list.requests) {
    const { body } = await gateway.ask('GET', `usage/requests/${id}`);
    expect(shapes.oneRequest.parse(body)).toEqual(body);
  }
});

test('16: the document describes each of those answers, by references that lead somewhere', async () => {
  await using gateway = await managedGateway();
  const { body: document } = await gateway.ask('GET', 'openapi.json');
  const described = (ask: string): unknown => {
    const [method = '', path = ''] = ask.split(' ');
    const where = `/v0/management/${path.replace(/\?.*/, '').replace('/*', '/{credential}')}`;
    return document.paths[where]?.[method.toLowerCase()]?.responses[200].content?.['application/json'].schema;
  };
  for (const [ask] of answers) expect([ask, typeof described(ask)]).toEqual([ask, 'object']);
  for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]*)"/g))
    expect([path, typeof path.split('/').reduce((at, name) => at?.[name], document)]).toEqual([
      path,
      'object',
    ]);
});
