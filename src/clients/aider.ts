import { join } from 'node:path';
import type { Client } from './client.ts';

export const aider: Client = {
  name: 'aider',
  title: 'aider',
  protocol: 'openai-chat',
  program: { command: 'aider', install: 'python -m pip install aider-install && aider-install' },
  session: ({ url, key, model, small }) => ({
    // Its own variables win over its files; `openai/` names the protocol, the rest is the model's name.
    env: {
      AIDER_OPENAI_API_BASE: `${url}/v1`,
      AIDER_OPENAI_API_KEY: key,
      AIDER_MODEL: `openai/${model}`,
      AIDER_WEAK_MODEL: `openai/${small}`,
      AIDER_SHOW_MODEL_WARNINGS: 'false',
    },
  }),
  settings: ({ url, key, model, small }, { home }) => [
    {
      paths: [join(home, '.aider.conf.yml')],
      format: 'yaml',
      changes: [
        { path: ['openai-api-base'], value: `${url}/v1` },
        { path: ['openai-api-key'], value: key },
        { path: ['model'], value: `openai/${model}` },
        { path: ['weak-model'], value: `openai/${small}` },
        { path: ['show-model-warnings'], value: false },
      ],
    },
  ],
  note: 'A .aider.conf.yml in a project wins over this one.',
  source: 'aider.chat/docs/config/aider_conf.html, aider.chat/docs/llms/openai-compat.html; run with 0.86',
};
