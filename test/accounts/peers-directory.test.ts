/** The directory of somebody who comes over from CLIProxyAPI: a file of every shape that it has written (auth.md §1.6). */
import { expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { getJson, rootOf, signIn, text } from '../sandbox-flows.ts';
import { type Household, household } from './household.ts';
import { browserCookie } from './sign-in.ts';

const email = 'ada@sandbox.example';
const hour = 3_600_000;
const past = Date.now() - hour;
const iso = new Date(past).toISOString();
/** How the peer writes times: with an offset, to the second. */
const local = new Date(past + 8 * hour).toISOString().replace(/\.\d+Z$/, '+08:00');

/** Every file by its name, with tokens that the sandbox has given and that ran out an hour ago. */
async function peersFiles(home: Household): Promise<Record<string, JsonObject>> {
  const { sandbox } = home;
  const given = async (name: Parameters<typeof signIn>[1], person?: string) =>
    (await signIn(sandbox, name, person)).body;
  const flat = ({ access_token, refresh_token }: JsonObject): JsonObject => ({
    access_token,
    refresh_token,
    last_refresh: local,
  });
  const google = await given('gemini');
  const nested = await given('gemini', 'alan');
  const token = {
    access_token: nested.access_token,
    token_type: 'Bearer',
    refresh_token: nested.refresh_token,
    expiry: iso,
    token_uri: 'https://oauth2.googleapis.com/token',
    client_id: 'id',
    client_secret: 'secret',
    scopes: ['https://www.googleapis.com/auth/cloud-platform'],
    universe_domain: 'googleapis.com',
  };
  const codex = await given('codex');
  const team = await given('codex', 'ada-team');
  const iflow = await given('iflow');
  const address = `${rootOf(sandbox, 'iflow')}/api/oauth/getUserInfo?accessToken=${text(iflow.access_token)}`;
  const user = (await getJson(address)).body.data;
  const [cookie = ''] = /BXAuth=[^;]+;/.exec(await browserCookie(home)) ?? [];
  const xai = await given('xai');
  return {
    'gemini-alan@sandbox.example-alan-one.json': {
      token,
      project_id: 'alan-one',
      email: 'alan@sandbox.example',
      auto: false,
      checked: true,
      type: 'gemini',
    },
    [`gemini-${email}-all.json`]: {
      token: { ...token, access_token: 'spent', refresh_token: google.refresh_token },
      project_id: 'ada-main,ada-lab',
      email,
      auto: false,
      checked: true,
      type: 'gemini',
      access_token: google.access_token,
      token_type: 'Bearer',
      refresh_token: google.refresh_token,
      expiry: iso,
    },
    [`claude-${email}.json`]: {
      id_token: '',
      ...flat(await given('claude')),
      email,
      type: 'claude',
      expired: local,
    },
    'claude-grace@sandbox.example.json': {
      id_token: '',
      ...flat(await given('claude', 'grace')),
      email: 'grace@sandbox.example',
      type: 'claude',
      expired: iso,
      account_uuid: 'acc',
      organization_uuid: 'org',
      organization_name: 'Mine',
    },
    [`codex-${email}.json`]: {
      id_token: codex.id_token,
      ...flat(codex),
      account_id: 'aaaaaaaa-aaaa-4aaa-8aaa-000000000201',
      email,
      type: 'codex',
      expired: local,
    },
    [`codex-0123abcd-${email}-team.json`]: {
      id_token: team.id_token,
      ...flat(team),
      account_id: 'aaaaaaaa-aaaa-4aaa-8aaa-000000000202',
      email,
      type: 'codex',
      expires_at: Math.floor(past / 1000),
    },
    'qwen-alias.json': {
      ...flat(await given('qwen')),
      resource_url: `${home.recorder.url}/accounts/qwen`,
      email: 'alias',
      type: 'qwen',
      expired: iso,
    },
    [`iflow-${email}-1773246600.json`]: {
      ...flat(iflow),
      expired: local,
      api_key: asObject(user)?.apiKey,
      email,
      token_type: 'bearer',
      scope: 'read write',
      cookie: '',
      type: 'iflow',
    },
    'iflow-cookie-1773246601.json': {
      ...flat({ access_token: '', refresh_token: '' }),
      expired: iso.slice(0, 16).replace('T', ' '),
      api_key: 'sk-of-the-past',
      email,
      token_type: '',
      scope: '',
      cookie,
      type: 'iflow',
    },
    [`antigravity-${email}.json`]: {
      type: 'antigravity',
      ...flat(await given('antigravity')),
      expires_in: 3600,
      timestamp: past - hour,
      email,
      project_id: 'ada-main',
      disabled: false,
    },
    'kimi-1773243000000.json': {
      type: 'kimi',
      ...flat(await given('kimi')),
      token_type: 'Bearer',
      scope: '',
      device_id: 'device-1',
      expired: iso.slice(0, 19).replace('T', ' '),
      timestamp: past - hour,
    },
    [`xai-${email}.json`]: {
      type: 'xai',
      ...flat(xai),
      id_token: xai.id_token,
      token_type: 'Bearer',
      expires_in: 3600,
      expires: String(past),
      email,
      sub: 'aaaaaaaa-aaaa-4aaa-8aaa-000000000001',
      base_url: 'https://api.x.ai/v1',
      redirect_uri: 'http://127.0.0.1:56121/callback',
      token_endpoint: 'https://auth.x.ai/oauth2/token',
      auth_kind: 'oauth',
    },
    'vertex-sandbox-project.json': {
      service_account: sandbox.accounts.serviceAccount(),
      project_id: 'sandbox-project',
      email: 'gateway@sandbox-project.iam.gserviceaccount.com',
      location: 'us-central1',
      type: 'vertex',
      label: 'mine',
    },
  };
}

/** Keys with the kinds of their values and the layout of texts: what another program relies on when it reads the file. */
function layoutOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(layoutOf);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, layoutOf(inner)]));
  if (typeof value !== 'string') return typeof value;
  return /^[\d\s:TZ.+-]+$/.test(value) && value !== '' ? 'a time' : 'a text';
}

test('every file is listed, serves, is renewed, and stays readable for the peer', async () => {
  await using home = await household();
  const files = Object.entries(await peersFiles(home));
  mkdirSync(home.accounts);
  const prefixed = files.map(([name, shape], at) => {
    const content: JsonObject = { ...shape, prefix: `p${at}` };
    return { name, content };
  });
  for (const { name, content } of prefixed) writeFileSync(join(home.accounts, name), JSON.stringify(content));

  const list = JSON.parse((await home.run('auth', 'list', '--json')).out);
  expect(list.problems).toEqual([]);
  const states = list.accounts.map(({ id, state }: { id: string; state: string }) => [`${id}.json`, state]);
  expect(Object.fromEntries(states)).toEqual(
    Object.fromEntries(files.map(([name]) => [name, name.startsWith('vertex') ? 'ready' : 'expired'])),
  );

  const models: { id: string }[] = JSON.parse((await home.run('models', '--json')).out);
  const modelOf = (at: number) => models.find(({ id }) => id.startsWith(`p${at}/`))?.id ?? `none of p${at}`;

  await using gateway = await home.serve();
  const answers = await Promise.all(
    prefixed.map(async ({ name }, at) => {
      const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${home.clientKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: modelOf(at), messages: [{ role: 'user', content: 'Hello' }] }),
      });
      return `${name}: ${answer.ok ? 'answered' : await answer.text()}`;
    }),
  );
  expect(answers).toEqual(files.map(([name]) => `${name}: answered`));
  expect(home.sandbox.accounts.reuses()).toBe(0);

  const refreshed = await home.run('auth', 'refresh', '--all', '--json');
  const results = JSON.parse(refreshed.out).accounts;
  expect(results.filter(({ result }: { result: string }) => result !== 'refreshed')).toEqual([]);

  for (const { name, content } of prefixed) {
    const now = home.read(name);
    expect({ name, ...Object(layoutOf(now)) }).toMatchObject({ name, ...Object(layoutOf(content)) });
    const lasting = [
      'type',
      'email',
      'project_id',
      'prefix',
      'cookie',
      'service_account',
      'base_url',
      'auth_kind',
    ];
    for (const key of lasting) expect(now[key]).toEqual(content[key]);
    if (!name.startsWith('vertex')) expect(JSON.stringify(now)).not.toContain(iso.slice(0, 16));
  }
});
