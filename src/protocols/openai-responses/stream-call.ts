/** A call of a client's tool in a stream. */
import type { JsonObject } from '../json.ts';
import type { Signature, ToolCallPart } from '../model.ts';
import { callItem, callItemId, carrier } from './answer-encode.ts';
import { deltaHead, idField } from './event-text.ts';
import type { Begun, Stage } from './stage.ts';

/** Begins the item of a call; it ends with its part. */
export function beginCall(part: ToolCallPart, stage: Stage): Begun {
  const { text, writer } = stage;
  const outputIndex = stage.place();
  const fresh = callItemId(part, writer);
  const before: JsonObject = {
    ...callItem({ ...part, input: '' }, fresh, writer.names),
    status: 'in_progress',
  };
  const chunks: string[] = [];
  let late: Signature | undefined;
  // The calls of the client-run search have no deltas: their arguments are an object.
  const search = before.type !== 'function_call' && before.type !== 'custom_tool_call';
  if (before.type === 'tool_search_call') before.arguments = {};
  else if (!search) before[part.kind === 'custom' ? 'input' : 'arguments'] = '';
  const place = `${idField(before.id)},"output_index":${outputIndex}`;
  const words =
    part.kind === 'custom' ? 'response.custom_tool_call_input' : 'response.function_call_arguments';
  const head = deltaHead(`${words}.delta`, place);

  const openPart = {
    delta(delta: string): string {
      chunks.push(delta);
      return search ? '' : text.delta(head, delta);
    },
    citation: () => '',
    signature(signature: Signature): void {
      late = signature;
    },
    end(cut: boolean): string {
      let wire = '';
      const input = chunks.join('');
      const item = callItem({ ...part, input, cut }, fresh, writer.names);
      if (!search) {
        const whole = part.kind === 'custom' ? item.input : item.arguments;
        // A call without arguments is one of the empty object.
        if (!cut && input === '' && typeof whole === 'string' && whole !== '') wire += openPart.delta(whole);
        const field = part.kind === 'custom' ? 'input' : 'arguments';
        const name = part.kind === 'custom' ? '' : `,"name":${JSON.stringify(item.name)}`;
        wire += text.event(`${words}.done`, `${place}${name},"${field}":${JSON.stringify(whole)}`);
      }
      wire += stage.done(outputIndex, item);
      return late === undefined ? wire : wire + stage.whole(carrier(late, 'previous', writer));
    },
  };
  const wire = stage.added(outputIndex, before) + (part.input.length > 0 ? openPart.delta(part.input) : '');
  return { wire, openPart };
}
