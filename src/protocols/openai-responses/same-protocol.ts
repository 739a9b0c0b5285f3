/** What becomes another in a Responses client's body on its way to an upstream of this protocol. Everything else goes through as it came. */
import { withLimits } from '../answer-limit.ts';
import type { EncodeTarget } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { mappedList } from '../json-patch.ts';
import {
  effortWord,
  fitReasoning,
  type ReasoningAmount,
  reportFitted,
  reportForeignThinking,
  reportUnfitted,
} from '../reasoning.ts';
import { unwrapEncrypted } from './reasoning-item.ts';
import { decodeReasoning, reportAsEffort } from './settings.ts';

/** {@link Codec.withAmount}: in `reasoning`. */
export function withAmount(
  body: JsonObject,
  amount: ReasoningAmount,
  { traits, report }: Pick<EncodeTarget, 'traits' | 'report'>,
): JsonObject {
  const said = decodeReasoning(body.reasoning);
  const fitted = fitReasoning(amount, traits?.reasoning);
  reportFitted(amount, fitted, report);
  if (fitted === undefined) {
    reportUnfitted(amount, report);
    const { reasoning, ...others } = body;
    return reasoning === undefined ? body : others;
  }
  reportAsEffort(fitted, report);
  const effort = effortWord(fitted);
  if (said?.amount !== undefined && effortWord(said.amount) === effort) return body;
  // A client that requests reasoning sees it, unless the body excludes that.
  const summary = said?.show ?? (amount.kind === 'off' ? 'none' : 'auto');
  return {
    ...body,
    reasoning: {
      ...asObject(body.reasoning),
      effort,
      ...(summary !== 'none' && effort !== 'none' && { summary }),
    },
  };
}

/** {@link Codec.withAnswerLimit}: in `max_output_tokens`. */
export function withAnswerLimit(body: JsonObject, most: number, { report }: EncodeTarget): JsonObject {
  return withLimits(body, 'max_output_tokens', most, report);
}

/** {@link Codec.sameProtocolSignatures}: reasoning that another family proved goes, with the items that carry a neighbour's proof. */
export function sameProtocolSignatures(
  body: JsonObject,
  { report }: Pick<EncodeTarget, 'report'>,
): JsonObject {
  const input = mappedList(body.input, (value) => {
    const item = asObject(value);
    const encrypted = asString(item?.encrypted_content);
    if (item?.type !== 'reasoning' || !encrypted) return value;
    const { signature, of } = unwrapEncrypted(encrypted);
    // An item that carries its neighbour's signature has no reasoning of its own.
    if (of === 'next' || of === 'previous') return undefined;
    if (signature.family !== 'openai') {
      reportForeignThinking(report);
      return undefined;
    }
    return signature.value === encrypted ? item : { ...item, encrypted_content: signature.value };
  });
  return input === body.input ? body : { ...body, input };
}
