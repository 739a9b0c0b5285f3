/** The programs that can be imported, in the order of the help. */
import { claudeCodeRouter } from './claude-code-router.ts';
import { claudeLogin, codexLogin, geminiLogin, qwenLogin } from './cli-logins.ts';
import { cliproxyapi } from './cliproxyapi.ts';
import { litellm } from './litellm.ts';
import { newApi } from './new-api.ts';
import type { ImportSource } from './plan.ts';

/** Gateways: their files become the config. */
const gateways: readonly ImportSource[] = [cliproxyapi, litellm, newApi, claudeCodeRouter];

/** Clients: their logins become accounts. */
const clients: readonly ImportSource[] = [codexLogin, claudeLogin, geminiLogin, qwenLogin];

export const sources: readonly ImportSource[] = [...gateways, ...clients];
