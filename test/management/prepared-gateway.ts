/** A gateway in the state in which the peer was asked: two accounts, three keys of providers, a file that is written. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { emptyDirectory, started } from '../cli/program.ts';

/** The management key, and the client key. */
export const ownerKey = 'key-of-the-probe';
export const firstClientKey = 'client-key-aaaa-1111';

export interface PreparedGateway extends AsyncDisposable {
  url: string;
  /** A provider that says hi, and lists two models. */
  upstreamUrl: string;
  /** All that the program wrote so far. */
  output(): string;
  /** Where `config.yaml` is, and `auth` with the accounts. */
  path: string;
}

async function answer(request: Request): Promise<Response> {
  if (request.method === 'GET')
    return Response.json({ object: 'list', data: [{ id: 'm-one' }, { id: 'm-two' }] });
  const about = { id: 'x', created: 1, model: 'm-one' };
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
  if ((await request.text()).includes('"stream":true')) {
    const choices = [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }];
    const chunk = { ...about, object: 'chat.completion.chunk', choices, usage };
    const headers = { 'content-type': 'text/event-stream' };
    return new Response(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`, { headers });
  }
  const choices = [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }];
  const left = { 'x-ratelimit-limit-requests': '100', 'x-ratelimit-remaining-requests': '62' };
  return Response.json({ ...about, object: 'chat.completion', choices, usage }, { headers: left });
}

/** `providers`: where the servers of accounts are; nobody is there without it, as the recording was made without a network. */
export async function preparedGateway(
  providers: object = sandboxProviders('http://127.0.0.1:9'),
): Promise<PreparedGateway> {
  const here = emptyDirectory();
  const upstream = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer });
  const upstreamUrl = `http://127.0.0.1:${upstream.port}`;
  const directory = join(here.path, 'auth');
  mkdirSync(directory, { mode: 0o700 });
  const tokens = { access_token: 'at', refresh_token: 'rt', expired: '2027-01-01T00:00:00Z' };
  const files = {
    'codex-a@example.test.json': {
      type: 'codex',
      email: 'a@example.test',
      account_id: 'acc',
      id_token: '',
      last_refresh: '2026-11-01T00:00:00Z',
      ...tokens,
    },
    'claude-b@example.test.json': { type: 'claude', email: 'b@example.test', ...tokens },
  };
  for (const [name, file] of Object.entries(files))
    writeFileSync(join(directory, name), JSON.stringify(file), { mode: 0o600 });
  writeFileSync(
    join(here.path, 'config.yaml'),
    stringify({
      host: '127.0.0.1',
      port: 0,
      'auth-dir': directory,
      'api-keys': [firstClientKey],
      'remote-management': { 'allow-remote': false, 'secret-key': ownerKey },
      'logging-to-file': true,
      'request-log': false,
      'usage-statistics-enabled': true,
      'gemini-api-key': [
        {
          'api-key': 'AIzaSyFakeKey0001',
          'base-url': upstreamUrl,
          models: [{ name: 'gemini-2.5-pro', alias: 'g25' }],
        },
      ],
      'codex-api-key': [{ 'api-key': 'sk-codex-fake', 'base-url': `${upstreamUrl}/v1` }],
      'openai-compatibility': [
        {
          name: 'fake',
          'base-url': `${upstreamUrl}/v1`,
          'api-key-entries': [{ 'api-key': 'sk-fake-1' }],
          models: [{ name: 'm-one', alias: 'one' }],
        },
      ],
      providers,
    }),
    { mode: 0o600 },
  );
  const gateway = started(['serve', '--config', join(here.path, 'config.yaml')], { cwd: here.path });
  const url = (await gateway.says(/Serving +(http\S+)/))[1] ?? '';
  return {
    url,
    upstreamUrl,
    output: gateway.output,
    path: here.path,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await upstream.stop(true);
      here[Symbol.dispose]();
    },
  };
}
