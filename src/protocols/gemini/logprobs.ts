/** `logprobsResult`, both ways. ai.google.dev/api/generate-content#LogprobsResult */

import type { Json, JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';
import type { TokenLogprob } from '../model.ts';

type Alternative = Omit<TokenLogprob, 'top'>;

/** Reads the chosen tokens with their alternatives; undefined when there are none. */
export function decodeLogprobs(value: Json | undefined): TokenLogprob[] | undefined {
  const result = asObject(value);
  const places = asObjects(result?.topCandidates);
  const tokens = asObjects(result?.chosenCandidates).map((chosen, at): TokenLogprob => {
    const top = asObjects(places[at]?.candidates).map(decodeToken);
    return { ...decodeToken(chosen), ...(top.length > 0 && { top }) };
  });
  return tokens.length > 0 ? tokens : undefined;
}

function decodeToken(token: JsonObject): Alternative {
  return { token: asString(token.token) ?? '', logprob: asNumber(token.logProbability) ?? 0 };
}

/** Writes the corresponding fields of a candidate; nothing where there are no tokens. */
export function encodeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  if (tokens.length === 0) return {};
  const sum = tokens.reduce((total, { logprob }) => total + logprob, 0);
  return {
    avgLogprobs: sum / tokens.length,
    logprobsResult: {
      chosenCandidates: tokens.map(encodeToken),
      ...(tokens.some(({ top }) => top !== undefined) && {
        topCandidates: tokens.map(({ top }) => ({ candidates: (top ?? []).map(encodeToken) })),
      }),
    },
  };
}

function encodeToken({ token, logprob }: Alternative): JsonObject {
  return { token, logProbability: logprob };
}
