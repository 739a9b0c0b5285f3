/** `text` and `reasoning`: the form of the answer and how hard to think. */
import type { EncodeTarget, LossReport } from '../codec.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { namedSchema, refusesVerbosity, summaryWord } from '../openai-settings.ts';
import {
  effortWord,
  fitReasoning,
  isEffort,
  type ReasoningAmount,
  reportFitted,
  reportUnfitted,
  wantedAmount,
} from '../reasoning.ts';
import type { OutputFormat, ReasoningSetting, Request } from '../request.ts';
import { objectOutput, wordlessJson } from '../wrapped-output.ts';

// ---------------------------------------------------------------- reading

/** The form of the answer that `text.format` asks for. */
export function decodeOutput(text: Json | undefined): OutputFormat | undefined {
  const format = asObject(asObject(text)?.format);
  switch (format?.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const schema = asObject(format.schema);
      return schema && namedSchema(format, schema);
    }
    default:
      return undefined;
  }
}

/** `text.verbosity`. */
export function decodeVerbosity(text: Json | undefined): string | undefined {
  return asString(asObject(text)?.verbosity);
}

/** How hard to think, and whether to show it; undefined when `reasoning` has neither. */
export function decodeReasoning(value: Json | undefined): ReasoningSetting | undefined {
  const reasoning = asObject(value);
  if (reasoning === undefined) return undefined;
  const setting: ReasoningSetting = {};
  const { effort } = reasoning;
  if (effort === 'none') setting.amount = { kind: 'off' };
  else if (isEffort(effort)) setting.amount = { kind: 'effort', effort };
  // `generate_summary` is the older name.
  const show = summaryWord(reasoning.summary ?? reasoning.generate_summary);
  if (show !== undefined) setting.show = show;
  return setting.amount === undefined && setting.show === undefined ? undefined : setting;
}

// ---------------------------------------------------------------- writing

/** Writes `text`. `items` are the input beside it. */
export function encodeText(
  request: Request,
  items: readonly JsonObject[],
  { model, report }: EncodeTarget,
): Json | undefined {
  const format = request.output && encodeFormat(fitted(request.output, items, report));
  const verbosity = takenVerbosity(request, model, report);
  if (format === undefined && verbosity === undefined) return undefined;
  return { ...(format !== undefined && { format }), ...(verbosity !== undefined && { verbosity }) };
}

function takenVerbosity({ verbosity }: Request, model: string, report: LossReport): string | undefined {
  if (verbosity === undefined || !refusesVerbosity(model, verbosity)) return verbosity;
  report('dropped', 'verbosity', 'only models of OpenAI from GPT-5 on support it');
  return undefined;
}

/** Only the messages of the input count, not the instructions. */
function fitted(output: OutputFormat, items: readonly JsonObject[], report: LossReport): OutputFormat {
  if (output.type !== 'json') return objectOutput(output);
  const messages = items.filter(({ type }) => type === 'message');
  return wordlessJson(output, JSON.stringify(messages), report);
}

function encodeFormat(output: OutputFormat): JsonObject {
  switch (output.type) {
    case 'text':
      return { type: 'text' };
    case 'json':
      return { type: 'json_object' };
    case 'json-schema':
      return {
        type: 'json_schema',
        // The API wants a name: `^[a-zA-Z0-9_-]{1,64}$`.
        name: output.name?.slice(0, 64).replace(/[^a-zA-Z0-9_-]/g, '_') || 'answer',
        schema: output.schema,
        ...(output.description !== undefined && { description: output.description }),
        ...(output.strict !== undefined && { strict: output.strict }),
      };
  }
}

/** Writes `reasoning`, as far as the model can think. */
export function encodeReasoning({ reasoning: setting }: Request, target: EncodeTarget): Json | undefined {
  const wanted = wantedAmount(setting);
  const amount = fitReasoning(wanted, target.traits?.reasoning);
  if (amount === undefined) {
    reportUnfitted(wanted, target.report);
    return undefined;
  }
  reportFitted(wanted, amount, target.report);
  const effort = effortWord(amount);
  const summary = setting?.show ?? (wanted?.kind === 'off' ? 'none' : 'auto');
  if (setting?.amount !== undefined || amount.kind === 'budget') reportAsEffort(amount, target.report);
  return { effort, ...(summary !== 'none' && effort !== 'none' && { summary }) };
}

/** Reports a request for reasoning without an effort, as `reasoning.effort` has no such value. */
export function reportAsEffort(amount: ReasoningAmount, report: LossReport): void {
  const effort = effortWord(amount);
  if (amount.kind === 'budget' || amount.kind === 'auto')
    report(
      'approximated',
      'reasoning',
      amount.kind === 'budget' ? `${amount.tokens} tokens as effort ${effort}` : `effort ${effort}`,
    );
}
