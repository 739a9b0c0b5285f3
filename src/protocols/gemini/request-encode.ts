/** A canonical request → the body of `generateContent`. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import { reportCacheMarkers } from '../conversation.ts';
import { reportUnsaid } from '../extra.ts';
import { reportPhases } from '../hints.ts';
import type { JsonObject } from '../json.ts';
import { withoutRefused } from '../model-traits.ts';
import type { Request } from '../request.ts';
import type { Steps } from '../steps.ts';
import { toolNames } from '../tool-names.ts';
import { encodingContents } from './conversation-encode.ts';
import { isOlderModel, toolNameRule } from './kept-fields.ts';
import { encodeGeneration } from './settings.ts';
import { encodeToolConfig, encodeTools } from './tools.ts';

/** Settings that the API has no place for. */
const unsaid = ['verbosity', 'service_tier', 'user', 'metadata', 'prompt_cache_key'] as const;

/**
 * Writes another protocol's request; the model and the stream flag are in its URL. What the API would refuse is reported to
 * `target.report`. Stops where others may run.
 */
export function* encodingRequest(given: Request, target: EncodeTarget): Steps<JsonObject> {
  const { report } = target;
  const request = withoutRefused(given, target.traits?.refused, report);
  const older = isOlderModel(target.model);
  const names = toolNames(request.tools, toolNameRule);
  const { contents, systemInstruction } = yield* encodingContents(request.messages, { names, report, older });
  const { tools, ...written } = encodeTools(request, names, older, report);
  const toolConfig = encodeToolConfig(request, names, written, report);
  const generationConfig = encodeGeneration(withoutRefusedOutput(request, older, report), target);
  reportCacheMarkers(request, report);
  reportUnsaid(request, unsaid, report);
  reportPhases(request.messages, report);
  return {
    contents,
    ...(systemInstruction !== undefined && { systemInstruction }),
    ...(tools.length > 0 && { tools }),
    ...(toolConfig !== undefined && { toolConfig }),
    ...(generationConfig !== undefined && { generationConfig }),
  };
}

/** "Function calling with a response mime type: 'application/json' is unsupported": models before Gemini 3. */
function withoutRefusedOutput(request: Request, older: boolean, report: LossReport): Request {
  const { output, ...rest } = request;
  const refused = output !== undefined && output.type !== 'text' && (request.tools?.length ?? 0) > 0;
  if (!older || !refused) return request;
  report('dropped', 'response_format', 'the model does not take it beside tools');
  return rest;
}
