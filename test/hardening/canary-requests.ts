/** What a client says that says everything in one request: a canary in each place that it fills. */
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { callOf } from '../gateway/calls.ts';
import { canary } from './canaries.ts';

/** A request with a canary in each place that a client fills. */
export function canaryRequest(
  protocol: Protocol,
  model: string,
  stream: boolean,
): { path: string; body: JsonObject } {
  const call = callOf(protocol);
  const path = call.path(model, stream);
  const body = call.body(model, canary('prompt'), stream);
  switch (protocol) {
    case 'openai-chat':
      return {
        path,
        body: {
          ...body,
          user: 'u1',
          messages: [
            { role: 'system', content: canary('system') },
            {
              role: 'user',
              content: [
                { type: 'text', text: canary('prompt') },
                {
                  type: 'file',
                  file: {
                    filename: canary('filename'),
                    file_data: `data:text/plain;base64,${btoa(canary('filetext'))}`,
                  },
                },
              ],
            },
            {
              role: 'assistant',
              content: null,
              tool_calls: [
                {
                  id: 't1',
                  type: 'function',
                  function: { name: 'f', arguments: JSON.stringify({ a: canary('toolarguments') }) },
                },
              ],
            },
            { role: 'tool', tool_call_id: 't1', content: canary('toolresult') },
          ],
          tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
        },
      };
    case 'openai-responses':
      return {
        path,
        body: {
          ...body,
          instructions: canary('system'),
          input: [
            {
              role: 'user',
              content: [
                { type: 'input_text', text: canary('prompt') },
                {
                  type: 'input_file',
                  filename: canary('filename'),
                  file_data: `data:text/plain;base64,${btoa(canary('filetext'))}`,
                },
              ],
            },
            {
              type: 'function_call',
              call_id: 't1',
              name: 'f',
              arguments: JSON.stringify({ a: canary('toolarguments') }),
            },
            { type: 'function_call_output', call_id: 't1', output: canary('toolresult') },
          ],
          tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }],
        },
      };
    case 'anthropic-messages':
      return {
        path,
        body: {
          ...body,
          system: canary('system'),
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: canary('prompt') },
                {
                  type: 'document',
                  title: canary('filename'),
                  source: { type: 'text', media_type: 'text/plain', data: canary('filetext') },
                },
              ],
            },
            {
              role: 'assistant',
              content: [{ type: 'tool_use', id: 't1', name: 'f', input: { a: canary('toolarguments') } }],
            },
            {
              role: 'user',
              content: [{ type: 'tool_result', tool_use_id: 't1', content: canary('toolresult') }],
            },
          ],
          tools: [{ name: 'f', input_schema: { type: 'object' } }],
        },
      };
    case 'gemini':
      return {
        path,
        body: {
          systemInstruction: { parts: [{ text: canary('system') }] },
          contents: [
            {
              role: 'user',
              parts: [
                { text: canary('prompt') },
                {
                  inlineData: {
                    mimeType: 'text/plain',
                    displayName: canary('filename'),
                    data: btoa(canary('filetext')),
                  },
                },
              ],
            },
            { role: 'model', parts: [{ functionCall: { name: 'f', args: { a: canary('toolarguments') } } }] },
            {
              role: 'user',
              parts: [{ functionResponse: { name: 'f', response: { r: canary('toolresult') } } }],
            },
          ],
          tools: [{ functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT' } }] }],
        },
      };
  }
}
