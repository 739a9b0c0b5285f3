/** A canonical request → the body of `generateContent`. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import { reportCacheMarkers } from '../conversation.ts';
import { sayingFields } from '../extra.ts';
import { reportPhases } from '../hints.ts';
import type { JsonObject } from '../json.ts';
import type { Request } from '../model.ts';
import { withoutRefused } from '../model-traits.ts';
import { type Steps, withoutStops } from '../steps.ts';
import { toolNames } from '../tool-names.ts';
import { encodingContents } from './conversation-encode.ts';
import { isOlderModel, toolNameRule } from './kept-fields.ts';
import { encodeGeneration } from './settings.ts';
import { encodeToolConfig, encodeTools } from './tools.ts';

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
  reportUnsaid(request, report);
  return {
    contents,
    ...(systemInstruction !== undefined && { systemInstruction }),
    ...(tools.length > 0 && { tools }),
    ...(toolConfig !== undefined && { toolConfig }),
    ...(generationConfig !== undefined && { generationConfig }),
  };
}

/** {@link encodingRequest} without a stop. */
export function encodeRequest(given: Request, target: EncodeTarget): JsonObject {
  return withoutStops(encodingRequest(given, target));
}

/** "Function calling with a response mime type: 'application/json' is unsupported": models before Gemini 3. */
function withoutRefusedOutput(request: Request, older: boolean, report: LossReport): Request {
  const { output, ...rest } = request;
  const refused = output !== undefined && output.type !== 'text' && (request.tools?.length ?? 0) > 0;
  if (!older || !refused) return request;
  report('dropped', 'response_format', 'the model does not take it beside tools');
  return rest;
}

/** Names what a client of another protocol said and this one cannot. */
function reportUnsaid(request: Request, report: LossReport): void {
  const drop = (field: string): void => report('dropped', field, 'the upstream has no such setting');
  if (request.verbosity !== undefined) drop('verbosity');
  if (request.serviceTier !== undefined && request.serviceTier !== 'auto') drop('service_tier');
  if (request.user !== undefined) drop('user');
  if (request.metadata !== undefined) drop('metadata');
  if (request.promptCacheKey !== undefined) drop('prompt_cache_key');
  for (const field of sayingFields(request.extra)) drop(field);
  reportPhases(request.messages, report);
}
