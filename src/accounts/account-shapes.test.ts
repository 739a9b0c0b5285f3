/** Each shape of account file that other programs write: read, and renewed in its own spelling. */
import { expect, test } from 'bun:test';
import { expiresAt, jwt, now, parsed, reply } from '../../test/accounts/account-texts.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { AccountKind } from '../providers/registry.ts';
import { applyTokens } from './account-file.ts';

const idToken = jwt({
  iss: 'https://auth.openai.com',
  email: 'me@work.example',
  'https://api.openai.com/auth': {
    chatgpt_account_id: 'workspace-1',
    chatgpt_plan_type: 'team',
    organizations: [{ id: 'org-1', title: 'Work' }],
  },
});

interface Shape {
  what: string;
  file: string;
  content: JsonObject;
  kind: AccountKind;
  facts: JsonObject;
  /** The content after a refresh, when it changes more than the two tokens and `expired`. */
  renewed?: JsonObject;
}
const flat = { access_token: 'a', refresh_token: 'r', last_refresh: '2026-03-11T15:30:00Z' };
const expired = '2026-03-11T16:30:00Z';
const flatRenewed = {
  access_token: 'new-access',
  refresh_token: 'new-refresh',
  last_refresh: '2026-03-11T16:30:05Z',
};

const shapes: Shape[] = [
  {
    what: 'the flat shape without a type',
    file: 'claude_oauth_org-uuid.json',
    content: {
      access_token: 'a',
      refresh_token: 'r',
      token_type: 'Bearer',
      expiry: expired,
      email: 'me@x.example',
    },
    kind: 'claude',
    facts: { email: 'me@x.example' },
    renewed: {
      access_token: 'new-access',
      refresh_token: 'new-refresh',
      token_type: 'Bearer',
      expiry: '2026-03-11T17:30:00Z',
      email: 'me@x.example',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Gemini with a nested token',
    file: 'gemini-me@x.example-all.json',
    content: {
      token: {
        access_token: 'a',
        token_type: 'Bearer',
        refresh_token: 'r',
        expiry: '2026-03-11T16:30:00.123456789Z',
        token_uri: 'https://oauth2.googleapis.com/token',
        client_id: 'id',
        client_secret: 'secret',
        scopes: ['s'],
        universe_domain: 'googleapis.com',
      },
      project_id: 'one, two,three',
      email: 'me@x.example',
      auto: false,
      checked: true,
      type: 'gemini',
    },
    kind: 'gemini',
    facts: { email: 'me@x.example', projects: ['one', 'two', 'three'] },
    renewed: {
      token: {
        access_token: 'new-access',
        token_type: 'Bearer',
        refresh_token: 'new-refresh',
        expiry: '2026-03-11T17:30:00Z',
        token_uri: 'https://oauth2.googleapis.com/token',
        client_id: 'id',
        client_secret: 'secret',
        scopes: ['s'],
        universe_domain: 'googleapis.com',
      },
      project_id: 'one, two,three',
      email: 'me@x.example',
      auto: false,
      checked: true,
      type: 'gemini',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Gemini after use: flat keys beside the nested token',
    file: 'gemini-me@x.example-one.json',
    content: {
      token: { access_token: 'old', refresh_token: 'r', expiry: '2026-03-01T00:00:00Z' },
      project_id: 'one',
      type: 'gemini-cli',
      access_token: 'a',
      refresh_token: 'r',
      expiry: expired,
    },
    kind: 'gemini',
    facts: { projects: ['one'] },
    renewed: {
      token: { access_token: 'new-access', refresh_token: 'new-refresh', expiry: '2026-03-11T17:30:00Z' },
      project_id: 'one',
      type: 'gemini-cli',
      access_token: 'new-access',
      refresh_token: 'new-refresh',
      expiry: '2026-03-11T17:30:00Z',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Claude with organisation',
    file: 'claude-me@x.example.json',
    content: {
      id_token: '',
      ...flat,
      email: 'me@x.example',
      type: 'claude',
      expired,
      account_uuid: 'acc',
      organization_uuid: 'org',
      organization_name: 'Mine',
    },
    kind: 'claude',
    facts: { email: 'me@x.example', accountId: 'acc', organizationId: 'org', organizationName: 'Mine' },
  },
  {
    what: 'Codex, whose workspace is in the id_token',
    file: 'codex-0123abcd-me@work.example-team.json',
    content: { id_token: idToken, ...flat, email: 'me@work.example', type: 'codex', expired },
    kind: 'codex',
    facts: {
      email: 'me@work.example',
      accountId: 'workspace-1',
      plan: 'team',
      organizations: [{ id: 'org-1', title: 'Work' }],
    },
  },
  {
    what: 'Qwen',
    file: 'qwen-alias.json',
    content: { ...flat, resource_url: 'portal.qwen.ai', email: 'alias', type: 'qwen', expired },
    kind: 'qwen',
    facts: { email: 'alias', resourceUrl: 'portal.qwen.ai' },
  },
  {
    what: 'iFlow, whose API takes a key',
    file: 'iflow-me@x.example-1773246600.json',
    content: {
      ...flat,
      expired,
      api_key: 'k',
      email: 'me@x.example',
      token_type: 'bearer',
      scope: 's',
      cookie: 'BXAuth=1;',
      type: 'iflow',
    },
    kind: 'iflow',
    facts: { email: 'me@x.example', apiKey: 'k', cookie: 'BXAuth=1;' },
    renewed: {
      ...flatRenewed,
      expired: '2026-03-11T17:30:00Z',
      api_key: 'k',
      email: 'me@x.example',
      token_type: 'Bearer',
      scope: 's',
      cookie: 'BXAuth=1;',
      type: 'iflow',
    },
  },
  {
    what: 'Antigravity with expires_in and timestamp',
    file: 'antigravity.json',
    content: {
      type: 'antigravity',
      access_token: 'a',
      refresh_token: 'r',
      expires_in: 3600,
      timestamp: expiresAt - 3_600_000,
      project_id: 'one',
      disabled: false,
    },
    kind: 'antigravity',
    facts: { projects: ['one'] },
    renewed: {
      type: 'antigravity',
      access_token: 'new-access',
      refresh_token: 'new-refresh',
      expires_in: 3595,
      timestamp: now,
      project_id: 'one',
      disabled: false,
      expiry: '2026-03-11T17:30:00Z',
      last_refresh: '2026-03-11T16:30:05Z',
    },
  },
  {
    what: 'Kimi',
    file: 'kimi-1773243000000.json',
    content: {
      type: 'kimi',
      ...flat,
      token_type: 'Bearer',
      scope: 's',
      device_id: 'd',
      expired,
      timestamp: 1_773_243_000_000,
    },
    kind: 'kimi',
    facts: { deviceId: 'd' },
    renewed: {
      type: 'kimi',
      ...flatRenewed,
      token_type: 'Bearer',
      scope: 's',
      device_id: 'd',
      expired: '2026-03-11T17:30:00Z',
      timestamp: now,
    },
  },
  {
    what: 'xAI, where the subject is the account',
    file: 'xai-me@x.example.json',
    content: {
      type: 'xai',
      ...flat,
      token_type: 'Bearer',
      expires_in: 3600,
      expired,
      email: 'me@x.example',
      sub: 's-1',
      base_url: 'https://api.x.ai/v1',
      auth_kind: 'oauth',
    },
    kind: 'xai',
    facts: { accountId: 's-1', email: 'me@x.example' },
    renewed: {
      type: 'xai',
      ...flatRenewed,
      token_type: 'Bearer',
      expires_in: 3595,
      expired: '2026-03-11T17:30:00Z',
      email: 'me@x.example',
      sub: 's-1',
      base_url: 'https://api.x.ai/v1',
      auth_kind: 'oauth',
    },
  },
];

for (const { what, file, content, kind, facts, renewed } of shapes)
  for (const layout of [undefined, 2])
    test(`${what} is read and renewed in its own spelling${layout ? ', indented' : ''}`, () => {
      const text = JSON.stringify(content, null, layout);
      const account = parsed(file, text);
      expect(account.kind).toBe(kind);
      expect(account.id).toBe(file.slice(0, -5));
      expect({ ...account.facts }).toEqual(facts);
      expect(account.tokens).toMatchObject({ accessToken: 'a', refreshToken: 'r' });
      expect(Math.floor((account.tokens.expiresAt ?? 0) / 1000)).toBe(expiresAt / 1000);
      const written = applyTokens(text, kind, reply, account.facts, now);
      const expected = renewed ?? { ...content, ...flatRenewed, expired: '2026-03-11T17:30:00Z' };
      expect(written).toBe(JSON.stringify(expected, null, layout));
      expect(parsed(file, written).tokens).toMatchObject({
        accessToken: 'new-access',
        refreshToken: 'new-refresh',
        expiresAt: reply.expiresAt,
        refreshedAt: now,
      });
    });
