/** The API takes at most four prompt-cache breakpoints a request. */
import type { LossReport } from '../codec.ts';
import { asObjects, type JsonObject } from '../json.ts';

const most = 4;

/** Takes away the earliest markers of the conversation beyond four: the last ones cover the longest prefixes. */
export function capCacheMarkers(body: JsonObject, report: LossReport): void {
  const marked = [...asObjects(body.tools), ...asObjects(body.system), ...conversationBlocks(body)].filter(
    (node) => node.cache_control !== undefined,
  );
  if (marked.length <= most) return;
  report('dropped', 'cache_control', `the upstream takes ${most} of ${marked.length}`);
  for (const node of marked.slice(0, marked.length - most)) delete node.cache_control;
}

function conversationBlocks(body: JsonObject): JsonObject[] {
  return asObjects(body.messages).flatMap((message) =>
    asObjects(message.content).flatMap((block) => [
      ...(block.type === 'tool_result' ? asObjects(block.content) : []),
      block,
    ]),
  );
}
