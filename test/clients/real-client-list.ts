/** The command-line clients that npm has: what to install, what to write beforehand, how to ask one question. */

import type { ConnectedClient } from './connected-clients.ts';

/** Where a client is to ask, and with what. */
export interface Way {
  /** Of the gateway, without a slash at the end. */
  url: string;
  key: string;
  model: string;
  prompt: string;
}

export interface RealClient {
  name: string;
  /** npm package and version, as npm takes it. */
  install: string;
  /** Its program in node_modules/.bin. */
  program: string;
  args(way: Way): string[];
  env?(way: Way): Record<string, string>;
  /** Files below its HOME: path → text. */
  files?(way: Way): Record<string, string>;
  /** How `run` and `connect` are tried with it. */
  connected: ConnectedClient;
}

export const realClients: readonly RealClient[] = [
  {
    name: 'Claude Code',
    install: '@anthropic-ai/claude-code@2.1',
    program: 'claude',
    args: ({ model, prompt }) => ['-p', prompt, '--model', model],
    env: ({ url, key, model }) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: key,
      // Side requests (titles, summaries) go to the small model.
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    }),
    connected: {
      name: 'claude',
      args: (prompt) => ['-p', prompt],
      settings: { path: '.claude/settings.json', text: '{\n    "permissions": {"allow": []}\n}' },
    },
  },
  {
    name: 'Codex',
    install: '@openai/codex@0.171',
    program: 'codex',
    args: ({ url, model, prompt }) => [
      'exec',
      '--skip-git-repo-check',
      '-c',
      'model_provider=gw',
      '-c',
      `model_providers.gw={name="gw",base_url="${url}/v1",env_key="GW_KEY",wire_api="responses"}`,
      '-c',
      `model=${model}`,
      '-c',
      'check_for_update_on_startup=false',
      prompt,
    ],
    env: ({ key }) => ({ GW_KEY: key }),
    connected: {
      name: 'codex',
      args: (prompt) => ['exec', '--skip-git-repo-check', prompt],
      settings: { path: '.codex/config.toml', text: '# mine\ncheck_for_update_on_startup = false\n' },
    },
  },
  {
    name: 'Gemini CLI',
    install: '@google/gemini-cli@0.61',
    program: 'gemini',
    args: ({ model, prompt }) => ['-p', prompt, '--skip-trust', '-m', model],
    env: ({ url, key }) => ({ GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url }),
    files: () => ({
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    }),
    connected: {
      name: 'gemini',
      args: (prompt) => ['-p', prompt, '--skip-trust'],
      settings: {
        path: '.gemini/settings.json',
        text: '{\n  // mine\n  "privacy": {"usageStatisticsEnabled": false}\n}\n',
      },
    },
  },
  {
    name: 'Qwen Code',
    install: '@qwen-code/qwen-code@0.24',
    program: 'qwen',
    args: ({ prompt }) => ['-p', prompt, '--auth-type', 'openai'],
    env: ({ url, key, model }) => ({
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: `${url}/v1`,
      OPENAI_MODEL: model,
      // It takes requests to this computer to the proxy too, whatever NO_PROXY says.
      HTTP_PROXY: '',
      HTTPS_PROXY: '',
      http_proxy: '',
      https_proxy: '',
    }),
    files: () => ({ '.qwen/settings.json': JSON.stringify({ privacy: { usageStatisticsEnabled: false } }) }),
    connected: {
      name: 'qwen',
      args: (prompt) => ['-p', prompt],
      settings: {
        path: '.qwen/settings.json',
        text: '{ "privacy": { "usageStatisticsEnabled": false }, "$version": 4 }\n',
      },
    },
  },
  {
    name: 'opencode',
    install: 'opencode-ai@1.18',
    program: 'opencode',
    args: ({ model, prompt }) => ['run', prompt, '-m', `gw/${model}`],
    env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' }),
    files: ({ url, key, model }) => ({
      '.config/opencode/opencode.json': JSON.stringify({
        autoupdate: false,
        share: 'disabled',
        provider: {
          gw: {
            npm: '@ai-sdk/openai-compatible',
            name: 'gw',
            options: { baseURL: `${url}/v1`, apiKey: key },
            models: { [model]: { name: model } },
          },
        },
      }),
    }),
    connected: {
      name: 'opencode',
      args: (prompt) => ['run', prompt],
      settings: {
        path: '.config/opencode/opencode.json',
        text: '{\n  "share": "disabled", // mine\n  "autoupdate": false\n}\n',
      },
    },
  },
  {
    name: 'Cline',
    install: 'cline@3.0',
    program: 'cline',
    args: ({ prompt }) => [prompt],
    files: ({ url, key, model }) => ({
      '.cline/data/settings/providers.json': JSON.stringify({
        version: 1,
        lastUsedProvider: 'openai-compatible',
        modes: {},
        providers: {
          'openai-compatible': {
            settings: { provider: 'openai-compatible', apiKey: key, model, baseUrl: `${url}/v1` },
            updatedAt: '2026-01-01T00:00:00.000Z',
            tokenSource: 'manual',
          },
        },
      }),
    }),
    connected: {
      name: 'cline',
      args: (prompt) => [prompt],
      stops: ['hub', 'stop'],
      settings: {
        path: '.cline/data/settings/providers.json',
        text: '{\n  "version": 1,\n  "lastUsedProvider": "anthropic",\n  "modes": {},\n  "providers": {"anthropic": {"settings": {"provider": "anthropic", "apiKey": "x", "model": "m"}, "updatedAt": "2026-01-01T00:00:00.000Z", "tokenSource": "manual"}}\n}\n',
      },
    },
  },
];
