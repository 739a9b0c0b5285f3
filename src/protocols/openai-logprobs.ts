/** Log probabilities as both protocols of OpenAI write them. platform.openai.com/docs/api-reference/chat/object */

import type { Json, JsonObject } from './json.ts';
import { asArray, asNumber, asObjects, asString } from './json-members.ts';
import type { TokenLogprob } from './model.ts';

type Alternative = Omit<TokenLogprob, 'top'>;

/** Reads a list of tokens; undefined when there are none. */
export function readLogprobs(value: Json | undefined): TokenLogprob[] | undefined {
  const tokens = asObjects(value).map((token): TokenLogprob => {
    const top = asObjects(token.top_logprobs).map(readToken);
    return { ...readToken(token), ...(top.length > 0 && { top }) };
  });
  return tokens.length > 0 ? tokens : undefined;
}

function readToken(token: JsonObject): Alternative {
  const bytes = asArray(token.bytes).filter((byte) => typeof byte === 'number');
  return {
    token: asString(token.token) ?? '',
    logprob: asNumber(token.logprob) ?? 0,
    ...(bytes.length > 0 && { bytes }),
  };
}

/** Writes the tokens; bytes that were not given are those of the token's text. */
export function writeLogprobs(tokens: readonly TokenLogprob[]): JsonObject[] {
  return tokens.map((token) => ({ ...writeToken(token), top_logprobs: (token.top ?? []).map(writeToken) }));
}

const utf8 = new TextEncoder();

function writeToken({ token, logprob, bytes }: Alternative): JsonObject {
  return { token, logprob, bytes: bytes ?? [...utf8.encode(token)] };
}
