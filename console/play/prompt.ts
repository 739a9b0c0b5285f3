/** The prompt of the playground, independent of its protocol. */
import { isGroup } from '../../src/config/group.ts';

export interface Tool {
  name: string;
  description: string;
  /** A JSON Schema. */
  parameters: Record<string, unknown>;
}

export interface Prompt {
  system: string;
  text: string;
  image: { mediaType: string; base64: string } | undefined;
  temperature: number | undefined;
  /** `low`, `medium`, `high`; empty for what the model does by itself. */
  effort: string;
  maxTokens: number | undefined;
  tools: readonly Tool[];
  stream: boolean;
}

/** Tools as they are typed: a list of `{name, description, parameters}`. Throws a sentence for anything else. */
export function readTools(text: string): Tool[] {
  if (text.trim() === '') return [];
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error('Expected a list: [{"name": …, "parameters": {…}}]');
  return value.map((one: unknown) => {
    if (!isGroup(one) || typeof one.name !== 'string') throw new Error('Each tool needs a name.');
    return {
      name: one.name,
      description: typeof one.description === 'string' ? one.description : '',
      parameters: isGroup(one.parameters) ? one.parameters : { type: 'object', properties: {} },
    };
  });
}
