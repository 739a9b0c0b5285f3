/** Has a stream of Chat Completions report its usage, where its client has not asked for that. */
import type { StreamUsage } from '../codec.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { withoutUnaskedUsage } from './unasked-usage.ts';

/** What a body says of `stream_options` when it asks for usage. */
const withUsage = { include_usage: true } as const;

/** The `stream_options` to send instead of the client's; undefined where these ask for usage, or are nothing that one could add to. */
function usageOptions(own: JsonObject[string] | undefined): JsonObject | undefined {
  if (own === undefined || own === null) return withUsage;
  if (!isObject(own) || own.include_usage === true) return undefined;
  return { ...own, ...withUsage };
}

/** {@link Codec.streamUsage}: platform.openai.com/docs/api-reference/chat/create, `stream_options`. */
export const streamUsage: StreamUsage = {
  edit(body, options) {
    if (options === undefined) {
      const behindBrace = body.indexOf(0x7b) + 1;
      return { start: behindBrace, end: behindBrace, text: `"stream_options":${JSON.stringify(withUsage)},` };
    }
    const { start, end } = options;
    const asked = usageOptions(parseJson(new TextDecoder().decode(body.subarray(start, end))));
    return asked && { start, end, text: JSON.stringify(asked) };
  },
  asked: (body) => ({ ...body, stream_options: usageOptions(body.stream_options) ?? withUsage }),
  refused: ({ stream_options: _refused, ...rest }) => rest,
  hidden: withoutUnaskedUsage,
};
