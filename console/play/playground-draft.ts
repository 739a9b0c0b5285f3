/** The contents of the playground: they stay while other pages are open. */
import { signal } from '@preact/signals';
import type { Prompt } from './prompt.ts';
import type { Protocol } from './protocols.ts';
import type { Run } from './run.ts';

export interface PlaygroundDraft extends Omit<Prompt, 'temperature' | 'maxTokens' | 'tools'> {
  protocol: Protocol;
  models: readonly [string, string];
  keyId: string;
  /** As they are typed. */
  temperature: string;
  maxTokens: string;
  tools: string;
}

export const draft = signal<PlaygroundDraft>({
  protocol: 'openai-chat',
  models: ['', ''],
  keyId: '',
  ...{ system: '', text: '', image: undefined, effort: '', stream: true },
  ...{ temperature: '', maxTokens: '', tools: '' },
});

/** One for each model that was asked. */
export const runs = signal<readonly (Run | undefined)[]>([]);

export function setDraft(changes: Partial<PlaygroundDraft>): void {
  draft.value = { ...draft.value, ...changes };
}
