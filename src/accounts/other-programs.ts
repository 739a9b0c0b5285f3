/**
 * Files in which other programs keep their logins. Their refresh tokens work once: refreshing one ends the login of
 * the other, so such a file is not used, and its owner gets a message that explains what to do. Sources: github.com/openai/codex
 * (codex-rs/login, auth.json); Claude Code's .credentials.json.
 */

import type { JsonObject } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';

/** What to do with such a file; undefined for any other. Shows no value of it. */
export function otherProgramsFile(content: JsonObject): string | undefined {
  if (asObject(content.claudeAiOauth) !== undefined)
    return `this is Claude Code's own login, and its refresh token works once: used here, Claude Code would be signed out. Sign in beside it (cli-proxy-api auth claude) and take this file away`;
  const isCodex = content.OPENAI_API_KEY !== undefined || content.auth_mode !== undefined;
  if (!isCodex || content.type !== undefined) return undefined;
  if (asObject(content.tokens) !== undefined)
    return `this is Codex's own login, and its refresh token works once: used here, Codex would be signed out. Sign in beside it (cli-proxy-api auth codex) and take this file away`;
  return asString(content.OPENAI_API_KEY)
    ? 'this is an API key that Codex keeps; write it into the config under codex-api-key and take this file away'
    : `this is Codex's own file and holds no login; sign in with cli-proxy-api auth codex and take this file away`;
}
