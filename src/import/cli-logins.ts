/**
 * Logins of command-line clients, from the files in which they keep them; keychains are not read.
 * Sources: github.com/openai/codex (codex-rs/login), github.com/google-gemini/gemini-cli (packages/core/src/code_assist),
 * github.com/QwenLM/qwen-code (packages/core/src/qwen), Claude Code's documentation of its credentials.
 */
import { dirname, join } from 'node:path';
import type { TokenReply } from '../oauth/grant.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import type { JsonObject } from '../protocols/json.ts';
import { asArray, asNumber, asObject, asString } from '../protocols/json-members.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import { type AccountKind, accountProviders } from '../providers/registry.ts';
import { emptyPlan, fileSource, type ReadPlan } from './plan.ts';
import { readJson5 } from './source-text.ts';

interface Login {
  kind: AccountKind;
  title: string;
  rotates: boolean;
  tokens: JsonObject | undefined;
  expiresAt: number | undefined;
  facts?: AccountFacts;
}

function planOf({ kind, title, rotates, tokens, expiresAt, facts = {} }: Login, path: string): ReadPlan {
  const accessToken = asString(tokens?.access_token);
  const refreshToken = asString(tokens?.refresh_token) || undefined;
  if (tokens === undefined || !accessToken || refreshToken === undefined)
    return { ok: false, sentence: `${path} holds no login: "cli-proxy-api auth ${kind}" signs in` };
  const reply: TokenReply = {
    accessToken,
    refreshToken,
    idToken: asString(tokens.id_token),
    tokenType: asString(tokens.token_type) ?? 'Bearer',
    scope: asString(tokens.scope),
    expiresAt,
    body: tokens,
  };
  const known = { ...accountProviders[kind].factsFromReply(reply), ...facts };
  const plan = emptyPlan();
  plan.accounts.push({
    kind,
    title: known.email ? `${title} (${known.email})` : title,
    tokens: reply,
    facts: known,
    rotates,
  });
  return { ok: true, plan };
}

export const codexLogin = fileSource({
  name: 'codex',
  title: 'Codex CLI',
  usualPath: ({ home, env }) => join(env.CODEX_HOME || join(home, '.codex'), 'auth.json'),
  open: readJson5,
  plan(content, path) {
    const key = asString(content.OPENAI_API_KEY);
    const tokens = asObject(content.tokens);
    const claims = idTokenClaims(asString(tokens?.access_token) ?? '');
    const expiry = asNumber(claims?.exp);
    const read: ReadPlan =
      tokens === undefined && key
        ? { ok: true, plan: emptyPlan() }
        : planOf(
            {
              kind: 'codex',
              title: 'the ChatGPT login',
              rotates: true,
              tokens,
              expiresAt: expiry === undefined ? undefined : expiry * 1000,
            },
            path,
          );
    if (read.ok && key)
      read.plan.credentials.push({
        list: 'codex-api-key',
        title: 'OPENAI_API_KEY',
        fields: {},
        keys: [{ value: key }],
        models: [],
      });
    return read;
  },
});

export const claudeLogin = fileSource({
  name: 'claude',
  title: 'Claude Code',
  usualPath: ({ home, env }) => join(env.CLAUDE_CONFIG_DIR || join(home, '.claude'), '.credentials.json'),
  open: readJson5,
  plan(content, path) {
    const login = asObject(content.claudeAiOauth);
    const scopes = asArray(login?.scopes).flatMap((scope) => asString(scope) ?? []);
    const tokens = login && {
      access_token: login.accessToken ?? null,
      refresh_token: login.refreshToken ?? null,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    };
    const plan = asString(login?.subscriptionType);
    const read = planOf(
      {
        kind: 'claude',
        title: 'the Claude login',
        rotates: true,
        tokens,
        expiresAt: asNumber(login?.expiresAt),
        facts: plan === undefined ? {} : { plan },
      },
      path,
    );
    if (read.ok && content.mcpOAuth !== undefined)
      read.plan.left.push({ title: 'mcpOAuth', reason: 'logins of MCP servers stay with Claude Code' });
    return read;
  },
});

export const geminiLogin = fileSource({
  name: 'gemini',
  title: 'Gemini CLI',
  usualPath: ({ home }) => join(home, '.gemini', 'oauth_creds.json'),
  open: readJson5,
  async plan(content, path) {
    const accounts = await readJson5(join(dirname(path), 'google_accounts.json'));
    const claims = idTokenClaims(asString(content.id_token) ?? '');
    const email = asString(claims?.email) ?? (accounts.ok ? asString(accounts.content.active) : undefined);
    const read = planOf(
      {
        kind: 'gemini',
        title: 'the Google login',
        // Google's refresh tokens stay good when they are used: both programs may have it.
        rotates: false,
        tokens: content,
        expiresAt: whole(content.expiry_date),
        facts: email === undefined ? {} : { email },
      },
      path,
    );
    if (read.ok)
      read.plan.left.push({
        title: 'the Google Cloud project',
        reason: 'the file has none; "cli-proxy-api auth gemini" requests one from Google if it is needed',
      });
    return read;
  },
});

export const qwenLogin = fileSource({
  name: 'qwen',
  title: 'Qwen Code',
  usualPath: ({ home }) => join(home, '.qwen', 'oauth_creds.json'),
  open: readJson5,
  plan(content, path) {
    return planOf(
      {
        kind: 'qwen',
        title: 'the Qwen login',
        rotates: true,
        tokens: content,
        expiresAt: whole(content.expiry_date),
      },
      path,
    );
  },
});

/** Milliseconds; some versions write fractions of them. */
function whole(time: JsonObject[string] | undefined): number | undefined {
  const value = asNumber(time);
  return value === undefined ? undefined : Math.floor(value);
}
