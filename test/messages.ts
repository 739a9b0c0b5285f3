/** Short messages of canonical conversations. */
import type { Message, Part, ToolResultPart } from '../src/protocols/model.ts';

export const text = (value: string): Part => ({ type: 'text', text: value });
export const user = (...parts: Part[]): Message => ({ role: 'user', parts });
export const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });

export const call = (id: string, name: string, input = '{}'): Part => ({
  type: 'tool-call',
  id,
  name,
  kind: 'function',
  input,
});

export const result = (callId: string, value: string, more: Partial<ToolResultPart> = {}): Part => ({
  type: 'tool-result',
  callId,
  content: [{ type: 'text', text: value }],
  ...more,
});
