import { anthropicMessages } from './anthropic-messages/index.ts';
import { checked } from './checked-answer.ts';
import type { Codec } from './codec.ts';
import { gemini } from './gemini/index.ts';
import { withoutGoogleFiles } from './google-files.ts';
import type { Protocol } from './model.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import type { RequestMembers } from './request-members.ts';
import { unwrapping } from './wrapped-output.ts';

/** The codec of each protocol. A new protocol is one new folder and one line here. */
export const codecs: Record<Protocol, Codec> = {
  'openai-chat': elsewhere(checked(unwrapping(openaiChat))),
  'openai-responses': elsewhere(checked(unwrapping(openaiResponses))),
  'anthropic-messages': elsewhere(checked(unwrapping(anthropicMessages))),
  gemini: checked(gemini),
};

/** The names that all protocols together have for something in a request, each once; see {@link RequestMembers}. */
export function namesOfAll(
  namesIn: (members: RequestMembers) => readonly string[] | undefined,
): ReadonlySet<string> {
  return new Set(Object.values(codecs).flatMap(({ requestMembers }) => namesIn(requestMembers) ?? []));
}

/** The codec of a provider that is not Google: what lies in Google's stores is not for it. */
function elsewhere(codec: Codec): Codec {
  return {
    ...codec,
    encodeRequest: (request, target) =>
      codec.encodeRequest(withoutGoogleFiles(request, target.report), target),
    encodingRequest: (request, target) =>
      codec.encodingRequest(withoutGoogleFiles(request, target.report), target),
  };
}
