/**
 * Where secrets and texts of people end up: a gateway with everything switched on, each secret and each text recognisable, asked in every
 * protocol, whole and streamed, answered well and badly, and then everything that it has written and said is searched.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asObjects } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { emptyDirectory, program, type Serving, serving } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { type Asked, startUpstream } from '../gateway/upstream.ts';
import { modelOver } from '../gateway-harness.ts';
import { canariesIn, canary, filesBelow, plainCanary } from './canaries.ts';
import { canaryAnswer, canaryRefusal } from './canary-answers.ts';
import { canaryRequest } from './canary-requests.ts';

const secrets = [
  ...['client', 'otherclient', 'management', 'wrongkey', 'wrongmanagement', 'metricstoken', 'alertsecret'],
  ...[
    'alertheader',
    'tracingheader',
    'chatkey',
    'responseskey',
    'claudekey',
    'geminikey',
    'ownheader',
    'proxypassword',
  ],
  ...['access', 'refresh', 'renewed', 'idtoken', 'privatekey'],
];
const texts = [
  'prompt',
  'system',
  'toolarguments',
  'toolresult',
  'filename',
  'filetext',
  'clientheader',
  'cookie',
  'answer',
  'thought',
  'answertool',
  'answerheader',
];

/** How the providers answer at present. */
let mode: 'well' | 'stream-error' | number = 'well';
const upstream = startUpstream((asked) => answerOf(asked));
const collected: string[] = [];
const collector = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    collected.push(`${request.url}\n${await request.text()}`);
    return Response.json({});
  },
});
const here = emptyDirectory();
const home = join(here.path, 'home');
const authDir = join(home, 'auth');
let gateway: Serving;
const seen = new Map<string, string>();

const { url } = upstream;
const extra = { headers: { 'x-own-header': plainCanary('ownheader') } };
const entry = (protocol: keyof typeof modelOver) => ({
  models: [{ name: `up-${protocol}`, alias: modelOver[protocol] }],
  ...extra,
});
const proxied = {
  'proxy-url': `http://user:${plainCanary('proxypassword')}@127.0.0.1:9`,
  models: [{ name: 'up', alias: 'over-a-proxy' }],
};
const config = {
  host: '127.0.0.1',
  port: 0,
  'auth-dir': authDir,
  debug: true,
  'api-keys': [
    { key: canary('client'), name: 'ann', 'requests-per-minute': 100_000, budget: { day: { usd: 1000 } } },
    { key: plainCanary('otherclient'), name: 'bob' },
  ],
  'remote-management': { 'secret-key': canary('management') },
  'request-log': true,
  'logging-to-file': true,
  log: { format: 'json', directory: join(home, 'logs') },
  'usage-statistics-enabled': true,
  'passthrough-headers': true,
  'disable-cooling': true,
  metrics: { token: canary('metricstoken'), genai: true },
  alerts: {
    url: collector.url.href,
    headers: { 'x-alert': canary('alertheader') },
    secret: canary('alertsecret'),
    'min-interval': '1s',
  },
  tracing: { endpoint: collector.url.href, headers: { 'x-trace': plainCanary('tracingheader') }, sample: 1 },
  'openai-compatibility': [
    {
      name: 'compatible',
      'base-url': `${url}/v1`,
      'api-key-entries': [{ 'api-key': canary('chatkey') }],
      ...entry('openai-chat'),
    },
  ],
  'codex-api-key': [
    { 'api-key': canary('responseskey'), 'base-url': `${url}/v1`, ...entry('openai-responses') },
  ],
  'claude-api-key': [
    { 'api-key': canary('claudekey'), 'base-url': url, ...entry('anthropic-messages') },
    { 'api-key': 'key-behind-a-proxy-0001', 'base-url': 'http://provider.example', ...proxied },
  ],
  'gemini-api-key': [{ 'api-key': canary('geminikey'), 'base-url': url, ...entry('gemini') }],
  providers: sandboxProviders(url),
};

function answerOf(asked: Asked): Response {
  if (asked.path.includes('/token'))
    return Response.json(
      { error: 'invalid_grant', error_description: `no ${new TextDecoder().decode(asked.body)}` },
      { status: 400 },
    );
  return mode === 'well' ? canaryAnswer(asked) : canaryRefusal(asked, mode);
}

beforeAll(async () => {
  mkdirSync(authDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(home, 'config.yaml'), JSON.stringify(config), { mode: 0o600 });
  const tokens = {
    access_token: plainCanary('access'),
    refresh_token: plainCanary('refresh'),
    id_token: plainCanary('idtoken'),
  };
  const files: Record<string, JsonObject> = {
    'claude-a@example.test.json': {
      type: 'claude',
      email: 'a@example.test',
      expired: '2099-01-01T00:00:00Z',
      ...tokens,
    },
    'claude-b@example.test.json': {
      type: 'claude',
      email: 'b@example.test',
      expired: '2020-01-01T00:00:00Z',
      ...tokens,
      refresh_token: plainCanary('renewed'),
    },
    'vertex-p.json': {
      type: 'vertex',
      project_id: 'p',
      service_account: {
        type: 'service_account',
        project_id: 'p',
        private_key: `-----BEGIN PRIVATE KEY-----\n${plainCanary('privatekey')}\n-----END PRIVATE KEY-----\n`,
        client_email: 'v@p.iam.gserviceaccount.com',
        token_uri: `${url}/token`,
      },
    },
  };
  for (const [name, file] of Object.entries(files))
    writeFileSync(join(authDir, name), JSON.stringify(file), { mode: 0o600 });
  gateway = await serving(['serve', '--config', join(home, 'config.yaml')], { cwd: home });
  await drive();
  await lookEverywhere();
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
  await collector.stop(true);
  here[Symbol.dispose]();
});

async function ask(
  path: string,
  init: RequestInit & { by?: string } = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(gateway.url + path, {
    ...init,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${init.by ?? canary('client')}`,
      'x-client-header': canary('clientheader'),
      cookie: `a=${plainCanary('cookie')}`,
      ...init.headers,
    },
  });
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return { status: response.status, text: `${headers}\n\n${await response.text()}` };
}

function note(what: string, text: string): void {
  seen.set(what, `${seen.get(what) ?? ''}\n${text}`);
}

/** Statuses of answers, by how the providers answered. */
const statuses = new Map<string, number[]>();
const everything = (): string => [...seen.values()].join('\n');

async function drive(): Promise<void> {
  for (const next of ['well', 'stream-error', 400, 401, 403, 404, 429, 500, 529] as const) {
    mode = next;
    for (const client of protocols)
      await Promise.all(
        [...Object.values(modelOver), 'claude-sonnet-4-5', 'over-a-proxy'].flatMap((model) =>
          [false, true].map(async (stream) => {
            const { path, body } = canaryRequest(client, model, stream);
            const { status, text } = await ask(path, { method: 'POST', body: JSON.stringify(body) });
            statuses.set(String(next), [...new Set([...(statuses.get(String(next)) ?? []), status])].sort());
            note(next === 'well' ? 'good answers' : `answers to clients: ${next}`, text);
          }),
        ),
      );
    for (const operation of [
      '/v1/embeddings',
      '/v1/images/generations',
      '/v1/audio/speech',
      '/v1/responses/compact',
      '/v1/messages/count_tokens',
    ]) {
      const body = {
        model: operation.includes('messages')
          ? modelOver['anthropic-messages']
          : operation.includes('responses')
            ? modelOver['openai-responses']
            : modelOver['openai-chat'],
        input: canary('prompt'),
        prompt: canary('prompt'),
        messages: [{ role: 'user', content: canary('prompt') }],
      };
      note(
        next === 'well' ? 'good answers' : `answers to clients: ${next}`,
        (await ask(operation, { method: 'POST', body: JSON.stringify(body) })).text,
      );
    }
    await overWebSocket(next === 'well' ? 'good answers' : `answers to clients: ${next}`);
  }
  // Once more with cooldowns, whose reasons are kept.
  writeFileSync(join(home, 'config.yaml'), JSON.stringify({ ...config, 'disable-cooling': false }));
  await eventually(() => readFileSync(join(home, 'logs/main.log'), 'utf8').includes('config reloaded'));
  for (const [at, protocol] of protocols.entries()) {
    mode = [401, 403, 429, 500][at] ?? 500;
    const { path, body } = canaryRequest(protocol, modelOver[protocol], false);
    note(
      `answers to clients: ${mode}`,
      (await ask(path, { method: 'POST', body: JSON.stringify(body) })).text,
    );
  }
  for (const by of [plainCanary('wrongkey'), `Basic ${btoa(`u:${plainCanary('wrongkey')}`)}`])
    note('answers to wrong keys', (await ask('/v1/models', { by })).text);
  note(
    'answers to wrong keys',
    (await ask(`/v1beta/models?key=${plainCanary('wrongkey')}`, { headers: { authorization: '' } })).text,
  );
  note(
    'answers to wrong keys',
    (await ask('/v0/management/requests', { by: plainCanary('wrongmanagement') })).text,
  );
  note(
    'answers to clients',
    (
      await ask(`/v1beta/models?key=${encodeURIComponent(canary('client'))}`, {
        headers: { authorization: '' },
      })
    ).text,
  );
  for (const path of ['/v1/usage', '/v1/models', '/', '/healthz', '/readyz', '/v1/nothing', '/metrics'])
    note('answers to clients', (await ask(path)).text);
}

async function overWebSocket(where: string): Promise<void> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${canary('client')}` },
  });
  const closed = Promise.withResolvers<void>();
  socket.onclose = () => closed.resolve();
  socket.onerror = () => closed.resolve();
  socket.onmessage = ({ data }) => {
    note(where, String(data));
    if (/"type":"(?:response\.(?:completed|failed|incomplete)|error)"/.test(String(data))) socket.close();
  };
  socket.onopen = () =>
    socket.send(
      JSON.stringify({
        type: 'response.create',
        model: modelOver['openai-responses'],
        input: canary('prompt'),
      }),
    );
  await Promise.race([closed.promise, Bun.sleep(2000)]);
}

/** Addresses of the management that give what the owner has stored, by design (docs/management-api.md). */
const givesSecrets =
  /config|api-keys?$|api-key$|client-keys|openai-compatibility|auth-files\/download|console-ticket|proxy-url|request-log-by-id|request-error-logs|vertex-api-key/;

async function lookEverywhere(): Promise<void> {
  const owner = { authorization: `Bearer ${canary('management')}` };
  const asOwner = async (path: string): Promise<string> =>
    (await fetch(gateway.url + path, { headers: owner })).text();
  const paths = asObject(asObject(parseJson(await asOwner('/v0/management/openapi.json')))?.paths) ?? {};
  const requests = asObject(parseJson(await asOwner('/v0/management/requests?count=200')))?.requests;
  const newest = asObjects(requests).map(({ id }) => String(id));
  expect(newest.length).toBeGreaterThan(100);
  for (const [path, operations] of Object.entries(paths)) {
    if (asObject(operations)?.get === undefined || givesSecrets.test(path)) continue;
    const ids = path.includes('requests/{') ? newest : ['x'];
    for (const id of ids) note(`management: ${path}`, await asOwner(path.replace(/\{\w+\}/g, id)));
  }
  note(
    'metrics',
    await (
      await fetch(`${gateway.url}/metrics`, {
        headers: { authorization: `Bearer ${canary('metricstoken')}` },
      })
    ).text(),
  );
  const own = { 'x-console': '1', 'content-type': 'application/json' };
  const session = await fetch(`${gateway.url}/console/api/session`, {
    method: 'POST',
    headers: own,
    body: JSON.stringify({ key: canary('management') }),
  });
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  note('console: session', await session.text());
  const pages = [
    'overview',
    'accounts',
    'offers',
    'requests',
    'models',
    'system',
    'diagnostics',
    'sessions',
    'settings',
    'snippets?url=http://127.0.0.1',
    'management/logs?limit=5000',
    'management/client-keys',
    'management/auth-files',
    'management/routing?model=model-over-chat',
    'management/config-versions',
    'management/quotas',
    'management/cooldowns',
    'management/usage/summary',
    'management/usage/requests',
    'management/gateway',
    'management/refusals',
  ];
  const unasked: string[] = [];
  for (const page of pages) {
    const response = await fetch(`${gateway.url}/console/api/${page}`, { headers: { ...own, cookie } });
    if (response.status !== 200) unasked.push(page);
    note(`console: ${page}`, await response.text());
  }
  expect(unasked).toEqual([]);
  for (const page of ['', 'requests', 'settings', 'logs'])
    note('console pages', await (await fetch(`${gateway.url}/console/${page}`)).text());
  const config = join(home, 'config.yaml');
  const commands = [
    'explain',
    'explain --json',
    'usage',
    'usage requests',
    'usage export',
    'usage --json',
    'quota',
    'doctor',
    'models',
    'config check',
    'config history',
    'auth list',
    'health',
    'connect',
  ];
  await Promise.all(
    commands.map(async (command) => {
      const child = Bun.spawn([program, ...command.split(' '), '--config', config], {
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1' },
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
      note(`command: ${command}`, out + err);
    }),
  );
  await eventually(() => collected.some((one) => one.includes('/v1/traces')));
  await gateway.end('SIGTERM');
  note('traces and alerts', collected.join('\n'));
  note('output', gateway.output());
  for (const [name, text] of filesBelow(home)) seen.set(`file: ${name}`, text);
}

test.each([...secrets, ...texts])('a canary of %s is found in whatever form', (kind) => {
  const bytes = Buffer.from(canary(kind));
  const escaped = [...bytes].map((byte) => `\\u00${byte.toString(16)}`).join('');
  const forms = [
    ...[
      canary(kind),
      canary(kind).toUpperCase(),
      JSON.stringify(canary(kind)),
      encodeURIComponent(canary(kind)),
    ],
    ...[bytes.toString('hex').toUpperCase(), escaped, Bun.escapeHTML(canary(kind))],
    ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${canary(kind)} and more`).toString('base64')),
    Buffer.from(`Bearer ${canary(kind)}`).toString('base64url'),
  ];
  for (const form of forms) expect([form, canariesIn(`x ${form} x`, [kind])]).toEqual([form, [kind]]);
  expect(canariesIn(forms.join(' '), [...secrets, ...texts])).toEqual([kind]);
});

test('all that may hold something was asked, and has answered', () => {
  for (const name of [
    '.usage.sqlite',
    '.responses.sqlite',
    '.client-limits.json',
    '.alerts.json',
    '.cooldowns.json',
  ])
    expect(seen.has(`file: auth/${name}`)).toBe(true);
  for (const what of [
    'file: logs/main.log',
    'traces and alerts',
    'metrics',
    'good answers',
    'answers to clients: 401',
    'command: explain',
  ])
    expect([what, (seen.get(what) ?? '').length > 500]).toEqual([what, true]);
  expect(collected.some((one) => one.includes('"login-needed"') || one.includes('"model-unserved"'))).toBe(
    true,
  );
  expect([...seen.keys()].filter((what) => /^file: logs\/.*\.log$/.test(what)).length).toBeGreaterThan(100);
  expect(statuses.get('well')).toEqual([200, 502]);
  for (const text of texts.filter((one) => one !== 'cookie' && one !== 'clientheader'))
    expect([text, canariesIn(everything(), [text])]).toEqual([text, [text]]);
});

/** What a place may hold: what its owner has put there, and what its client has said. */
function mayHold(what: string): readonly string[] {
  // docs/security.md, "Stored data".
  if (what === 'file: config.yaml' || /^file: auth\/[^.][^/]*\.json$/.test(what)) return secrets;
  if (/^file: auth\/\.responses\.sqlite/.test(what) || /^file: logs\/.*-req_\w+\.log$/.test(what))
    return texts;
  // The owner's, for programs that look their keys up by themselves (docs/management-api.md).
  if (what === 'management: /v0/management/api-key-usage')
    return secrets.filter((kind) => kind.endsWith('key'));
  if (what.endsWith('/observability/logs/requests/{id}')) return texts;
  // Each client reads its own request, and the answer to it.
  return what === 'good answers' || what.startsWith('answers to clients') ? texts : [];
}

test('a secret or a text stands where it may, and nowhere else', () => {
  const misplaced = [...seen].flatMap(([what, text]) => {
    const allowed = mayHold(what);
    const found = canariesIn(
      text,
      [...secrets, ...texts].filter((kind) => !allowed.includes(kind)),
    );
    return found.length === 0 ? [] : [[what, found]];
  });
  expect(misplaced).toEqual([]);
});
