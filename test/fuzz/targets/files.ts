/** Files of the owner, whatever is in them: read, or named with what is wrong; nothing of them shown that is secret. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  applySignIn,
  applySignInAgain,
  applyTokens,
  parseAccount,
} from '../../../src/accounts/account-file.ts';
import { variablesFor } from '../../../src/config/env-file.ts';
import { formatProblem, parseConfig } from '../../../src/config/load.ts';
import type { JsonObject } from '../../../src/protocols/json.ts';
import { accountKinds } from '../../../src/providers/registry.ts';
import { hostileText, mutated, mutatedText } from '../hostile.ts';
import { target } from '../target.ts';

const secret = 'a-secret-that-nobody-may-see-0123456789';
const idToken = `${btoa('{"alg":"none"}')}.${btoa('{"email":"a@b.test","exp":1750000000}')}.${secret}`;

const accounts: JsonObject[] = [
  ...['claude', 'codex', 'qwen', 'kimi', 'xai', 'antigravity'].map((type) => ({
    ...{ type, access_token: secret, refresh_token: secret, id_token: idToken, email: 'a@b.test' },
    ...{ expired: '2026-03-01T00:00:00Z', last_refresh: '2026-03-01T00:00:00Z', account_id: 'x' },
    ...{
      attributes: { priority: '3', note: 'n' },
      disabled: false,
      prefix: 'p',
      proxy_url: 'http://u:p@h:1',
    },
  })),
  {
    type: 'gemini',
    token: { access_token: secret, refresh_token: secret, expiry: 1_750_000_000 },
    project_id: 'p',
  },
  { type: 'iflow', access_token: secret, cookie: secret, api_key: secret, email: 'a@b.test' },
  { type: 'vertex', service_account: { client_email: 'a@b.test', private_key: secret, project_id: 'p' } },
  { claudeAiOauth: { accessToken: secret } },
  { OPENAI_API_KEY: null, tokens: { access_token: secret } },
];
const names = [
  'claude-a@b.test.json',
  'x.json',
  'codex-1.JSON',
  '__proto__-a.json',
  'gemini-a-p.json',
  'iflow-.json',
];

function account({ name, text }: { name: string; text: string }): void {
  const parsed = parseAccount(join('/accounts', name), text);
  if (!parsed.ok) {
    const { message, reason } = parsed.problem;
    if (message === '' || reason.length === 0) throw new Error('a problem without words');
    if (message.includes(secret)) throw new Error(`the problem shows a secret: ${message}`);
    return;
  }
  const { kind, tokens } = parsed.account;
  if (!accountKinds.includes(kind)) throw new Error(`no kind of account: ${kind}`);
  const reply = {
    ...{ accessToken: 'new', refreshToken: 'newer', expiresAt: 1_800_000_000_000 },
    ...{ idToken: undefined, tokenType: 'Bearer', scope: undefined, body: {} },
  };
  const facts = { email: 'c@d.test' };
  for (const apply of [applyTokens, applySignIn]) {
    const written = apply(text, kind, reply, facts, 1_750_000_000_000);
    const again = parseAccount(join('/accounts', name), written);
    if (!again.ok || again.account.tokens.accessToken !== 'new')
      throw new Error(`the new token is lost: ${written}`);
  }
  const marked = applySignInAgain(text, tokens.refreshToken ?? '', 'revoked', 1_750_000_000_000);
  if (marked !== undefined) JSON.parse(marked.replace(/^\ufeff/, ''));
}

const fixtures = join(import.meta.dir, '../../fixtures/config');
const configs = [
  readFileSync(join(fixtures, 'peer.yaml'), 'utf8'),
  ...readdirSync(join(fixtures, 'peer-files')).map((file) =>
    readFileSync(join(fixtures, 'peer-files', file), 'utf8'),
  ),
].filter((text) => text.length < 20_000);

function config(text: string): void {
  const lines = text.split(/\r\n|\r|\n/).length;
  const result = parseConfig(text, { file: 'config.yaml', env: { HOME: '/nowhere' } });
  const places = result.ok ? result.warnings : result.problems;
  if (!result.ok && places.length === 0) throw new Error('refused without a reason');
  for (const { line, column, message } of places) {
    if (line < 1 || line > lines || column < 1)
      throw new Error(`no such place: ${line}:${column} ${message}`);
    if (message === '') throw new Error(`nothing is said about line ${line}`);
  }
  if (!result.ok) for (const problem of result.problems) formatProblem(problem);
}

const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const envLine = fc
  .tuple(
    fc.constantFrom('A=', 'export B=', 'A', '=', '#', '__proto__=', 'C = "'),
    hostileText,
    fc.constantFrom('\n', '\r\n', '"\n', ''),
  )
  .map((of) => of.join(''));

async function envFile(text: string): Promise<void> {
  writeFileSync(join(folder, '.env'), text);
  const variables = await variablesFor(join(folder, 'config.yaml'), { OWN: 'own' });
  if (variables.OWN !== 'own') throw new Error('the environment does not win');
  for (const [name, value] of Object.entries(variables))
    if (typeof value !== 'string') throw new Error(`${name} is no text`);
  if ('polluted' in {}) throw new Error('prototypes have changed');
}

export const fileTargets = [
  target(
    'token files',
    fc.record({
      name: fc.constantFrom(...names),
      text: fc.oneof(
        { weight: 3, arbitrary: mutated(accounts).map((content) => JSON.stringify(content, null, 2)) },
        { weight: 1, arbitrary: mutatedText(accounts.map((content) => JSON.stringify(content))) },
      ),
    }),
    account,
    200,
  ),
  target('config files', mutatedText(configs), config, 30),
  target(
    '.env files',
    fc.array(envLine, { maxLength: 8 }).map((lines) => lines.join('')),
    envFile,
    50,
  ),
];
