/** Alerts of a running gateway, as a webhook receives them. */
import { expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { eventually } from '../eventually.ts';
import { post } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, startTested } from '../gateway-harness.ts';

const secret = 'signs-the-body';

test('a webhook gets each alert once, signed, also over a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-alerts-'));
  const received: { body: string; signature: string | null; header: string | null }[] = [];
  using webhook = startUpstream(({ body, headers }) => {
    received.push({
      body: new TextDecoder().decode(body),
      signature: headers.get('x-signature-256'),
      header: headers.get('x-mine'),
    });
    return new Response(null, { status: 204 });
  });
  using upstream = startUpstream(() =>
    Response.json({ error: { message: 'Incorrect API key provided' } }, { status: 401 }),
  );
  const settings = (models: string[]): JsonObject => ({
    'auth-dir': folder,
    alerts: { url: `${webhook.url}/hook`, secret, headers: { 'x-mine': '1' } },
    'api-keys': [{ key: clientKey, name: 'ci' }],
    'openai-compatibility': models.map((name) => ({
      ...{ name: `service-${name}`, 'base-url': `${upstream.url}/v1`, 'api-key': `key-${name}` },
      models: [{ name }],
    })),
  });
  const ask = (url: string, model: string) =>
    post(`${url}/v1/chat/completions`, { model, messages: [{ role: 'user', content: 'hi' }] });
  const alerts = () => received.map(({ body }) => asObject(parseJson(body)));
  try {
    const first = await startTested(settings(['one']));
    expect((await ask(first.url, 'one')).status).toBe(401);
    await eventually(() => received.length === 1);
    expect(alerts()).toMatchObject([{ kind: 'model-unserved', state: 'firing', subject: 'one' }]);
    const [{ body = '', signature, header } = {}] = received;
    expect(signature).toBe(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
    expect(header).toBe('1');
    expect(body).not.toContain('key-one');
    await first.stop();

    // What was alerted before is not alerted again: the first that comes is about the other model.
    const second = await startTested(settings(['one', 'two']));
    expect((await ask(second.url, 'two')).status).toBe(401);
    await eventually(() => received.length === 2);
    expect(alerts()[1]).toMatchObject({ kind: 'model-unserved', state: 'firing', subject: 'two' });
    await second.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 100_000);
