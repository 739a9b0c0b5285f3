/** The providers that are used through accounts, by the name that people call them. */
import type { AccountKind, AccountProvider } from './account-provider.ts';
import { antigravity } from './antigravity.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { geminiCli } from './gemini-cli.ts';
import { iflow } from './iflow.ts';
import { kimi } from './kimi.ts';
import { qwen } from './qwen.ts';
import { vertexAccount } from './vertex-account.ts';
import { xai } from './xai.ts';

/** As shipped; `accountProvider` in `overrides.ts` has what the configuration changes. */
export const accountProviders: Readonly<Record<AccountKind, AccountProvider>> = {
  gemini: geminiCli,
  claude: claudeCode,
  codex,
  qwen,
  iflow,
  antigravity,
  kimi,
  xai,
  vertex: vertexAccount,
};
