/** The largest answer that a body asks for, made smaller. */
import type { LossReport } from './codec.ts';
import { asNumber, type JsonObject } from './json.ts';

/** The node with at most so many tokens in this field; the very same one where it says so already. */
export function withLimit(node: JsonObject, field: string, most: number, report: LossReport): JsonObject {
  const said = asNumber(node[field]);
  if (said !== undefined && said <= most) return node;
  if (said !== undefined)
    report({ kind: 'approximated', field: 'max_tokens', detail: `${most}, the limit of the model route` });
  return { ...node, [field]: most };
}
