/** Every client that `run` and `connect` know, in the order of help: a file each and a line here. */

import { aider } from './aider.ts';
import { anthropicSdk } from './anthropic-sdk.ts';
import { claude } from './claude.ts';
import type { Client } from './client.ts';
import { cline } from './cline.ts';
import { codex } from './codex.ts';
import { continueDev } from './continue.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { googleSdk } from './google-sdk.ts';
import { goose } from './goose.ts';
import { jetbrains } from './jetbrains.ts';
import { langchain } from './langchain.ts';
import { openWebui } from './open-webui.ts';
import { openaiSdk } from './openai-sdk.ts';
import { opencode } from './opencode.ts';
import { qwen } from './qwen.ts';
import { vscode } from './vscode.ts';
import { zed } from './zed.ts';

export const clients: readonly Client[] = [
  claude,
  codex,
  gemini,
  qwen,
  opencode,
  aider,
  goose,
  cline,
  vscode,
  cursor,
  zed,
  jetbrains,
  continueDev,
  openWebui,
  langchain,
  openaiSdk,
  anthropicSdk,
  googleSdk,
];
