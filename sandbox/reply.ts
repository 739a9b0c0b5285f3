/**
 * What the sandbox answers: a pure function of the prompt, so that every test and every newcomer gets the same.
 *
 * Phrases in what the user said last, in any case, choose the answer (docs/sandbox.md lists them):
 * `call a and b`, `call a with {…}`, `then call a`, `say system`, `say turns`, `say tools`, `say settings`,
 * `say 100 words`, `repeat: …`, `please refuse`, `think secretly`.
 */
import { type Json, type JsonObject, parseJson } from './json.ts';
import { asObject } from './json-members.ts';
import type { DeclaredTool, GivenResult, Media, Prompt } from './prompt.ts';
import { sampleOf } from './schema-sample.ts';
import { tokensOf } from './tokens.ts';

export interface Call {
  name: string;
  kind: 'function' | 'custom';
  /** JSON text of an object, or the free text of a custom tool. */
  input: string;
}

export type ReplyFinish = 'stop' | 'stop-sequence' | 'length' | 'tool-calls' | 'refusal';

export interface Reply {
  /** Pieces of thinking, one token each; empty when none was asked for. */
  reasoning: string[];
  /** The thinking is to be hidden even from those who asked to see it. */
  secret: boolean;
  /** Pieces of text, one token each. They are a refusal when `finish` says so. */
  text: string[];
  calls: Call[];
  finish: ReplyFinish;
  stopSequence?: string;
  /** Tokens; `output` includes `reasoning`. For one answer: providers count each of several. */
  usage: { output: number; reasoning: number };
}

/** Longest quotation in an answer, in characters: enough to distinguish texts, short enough for a terminal. */
const quoteLimit = 500;

/** The pieces that text is streamed in: words with the space before them, long ones in parts. They join to the text. */
export function piecesOf(text: string): string[] {
  return text.match(/\s*\S{1,16}|\s+$/gu) ?? [];
}

export function replyTo(prompt: Prompt): Reply {
  const said = prompt.turn.text ?? '';
  const refused = /\bplease refuse\b/i.test(said);
  const calls = refused ? [] : callsFor(prompt, said);
  const announced = calls.length > 0 && /\bthen call\b/i.test(said);
  const reasoning = prompt.reasoning.wanted ? piecesOf(thoughts(said, calls)) : [];
  const whole = refused
    ? 'The sandbox declines, as it was asked to.'
    : calls.length === 0
      ? answer(prompt, said)
      : announced
        ? `I am going to call ${calls.map((call) => call.name).join(' and ')}.`
        : '';
  return fitted(prompt, {
    reasoning,
    secret: /\bthink secretly\b/i.test(said),
    text: whole,
    calls,
    finish: refused ? 'refusal' : calls.length > 0 ? 'tool-calls' : 'stop',
  });
}

/** Cuts the answer at the first stop sequence and at the length limit, and counts it. */
function fitted(
  prompt: Prompt,
  full: Omit<Reply, 'text' | 'stopSequence' | 'usage'> & { text: string },
): Reply {
  let { text: whole, calls, finish } = full;
  let stopSequence: string | undefined;
  let end = whole.length;
  for (const stop of prompt.stop) {
    const at = stop === '' ? -1 : whole.indexOf(stop);
    if (at >= 0 && at < end) {
      end = at;
      stopSequence = stop;
    }
  }
  if (stopSequence !== undefined) {
    whole = whole.slice(0, end);
    calls = [];
    finish = 'stop-sequence';
  }
  const limit = prompt.maxTokens ?? Number.POSITIVE_INFINITY;
  const reasoning = full.reasoning.slice(0, limit);
  const pieces = piecesOf(whole);
  const text = pieces.slice(0, Math.max(0, limit - reasoning.length));
  const wanted = full.reasoning.length + pieces.length + callTokens(calls);
  if (wanted > limit) {
    // Cut calls would be broken JSON; a real model sends it, but no client can use it.
    calls = [];
    finish = 'length';
    stopSequence = undefined;
  }
  return {
    reasoning,
    secret: full.secret,
    text,
    calls,
    finish,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    usage: {
      output: Math.min(limit, reasoning.length + text.length + callTokens(calls)),
      reasoning: reasoning.length,
    },
  };
}

function callTokens(calls: readonly Call[]): number {
  return calls.reduce((sum, call) => sum + 1 + tokensOf(call.input), 0);
}

// ---------------------------------------------------------------- tool calls

function callsFor(prompt: Prompt, said: string): Call[] {
  if (prompt.choice.mode === 'none') return [];
  const { names } = prompt.choice;
  const callable = prompt.tools.filter(
    (tool) => tool.kind !== 'hosted' && (names === undefined || names.includes(tool.name)),
  );
  const asked = askedTools(said, callable);
  const chosen = asked.length > 0 ? asked : prompt.choice.mode === 'required' ? callable.slice(0, 1) : [];
  const input = givenInput(said);
  return (prompt.parallel ? chosen : chosen.slice(0, 1)).map((tool) => callOf(tool, input));
}

/** The tools named after `call`, in order, several times where they are named several times. */
function askedTools(said: string, tools: readonly DeclaredTool[]): DeclaredTool[] {
  const named = /\bcall\s+((?:[`"']?[\w.:/-]+[`"']?(?:\s*,\s*(?:and\s+)?|\s+and\s+)?)+)/i.exec(said)?.[1];
  if (named === undefined) return [];
  const asked: DeclaredTool[] = [];
  for (const name of named.split(/[\s,`"']+/)) {
    const tool = tools.find((candidate) => sameName(candidate.name, name));
    if (tool !== undefined) asked.push(tool);
  }
  return asked;
}

/** Gateways rewrite names that a provider does not accept: other characters become underscores, and a hash may follow. */
function sameName(declared: string, said: string): boolean {
  if (declared === said || declared === said.replace(/[.:]+$/, '')) return true;
  const plain = said.replace(/[^A-Za-z0-9_-]/g, '_');
  return plain !== said && declared.startsWith(`${plain}_`);
}

/** What follows `with`: the tool's input in the user's own words. */
function givenInput(said: string): string | undefined {
  return /\bcall\b.*?\swith\s([\s\S]*)$/i.exec(said)?.[1]?.trim();
}

function callOf(tool: DeclaredTool, given: string | undefined): Call {
  if (tool.kind === 'custom') return { name: tool.name, kind: 'custom', input: given ?? 'sandbox' };
  const parsed = given === undefined ? undefined : asObject(parseJson(given));
  const input: JsonObject = parsed ?? asObject(sampleOf(tool.schema ?? {})) ?? {};
  return { name: tool.name, kind: 'function', input: JSON.stringify(input) };
}

// ---------------------------------------------------------------- text

function answer(prompt: Prompt, said: string): string {
  if (prompt.output.json) {
    const value = structured(prompt, said);
    return prompt.output.bare && typeof value === 'string' ? value : JSON.stringify(value);
  }
  const asked = askedText(prompt, said);
  if (asked !== undefined) return asked;
  const parts: string[] = [];
  if (prompt.turn.results.length > 0) parts.push(...prompt.turn.results.map(quoteResult));
  else parts.push('Hello from the sandbox!');
  if (said !== '') parts.push(`You said: "${shortened(said)}"`);
  parts.push(...prompt.turn.media.map(acknowledge));
  return parts.join(' ');
}

function structured(prompt: Prompt, said: string): Json {
  const schema = prompt.output.json ? prompt.output.schema : undefined;
  if (schema === undefined) return { sandbox: true, said: shortened(said) };
  return sampleOf(schema);
}

function askedText(prompt: Prompt, said: string): string | undefined {
  const repeated = /\brepeat:\s?([\s\S]*)$/i.exec(said)?.[1];
  if (repeated !== undefined) return repeated;
  const words = /\bsay (\d{1,6}) words\b/i.exec(said)?.[1];
  if (words !== undefined) return Array.from({ length: Number(words) }, (_, i) => `word${i + 1}`).join(' ');
  const subject = /\bsay (system|turns|tools|settings)\b/i.exec(said)?.[1]?.toLowerCase();
  switch (subject) {
    case 'system':
      return prompt.system === '' ? 'There is no system text.' : `The system text is: "${prompt.system}"`;
    case 'turns':
      return `The turns are: ${prompt.roles.join(', ')}`;
    case 'tools':
      return `The tools are: ${prompt.tools.map((tool) => tool.name).join(', ') || 'none'}`;
    case 'settings':
      return `The settings are: ${JSON.stringify(prompt.settings)}`;
    default:
      return undefined;
  }
}

function quoteResult(result: GivenResult): string {
  return `${result.name} ${result.isError ? 'failed' : 'answered'}: "${shortened(result.text)}"`;
}

const verbs: Record<Media['kind'], string> = {
  image: 'see an image',
  document: 'read a document',
  audio: 'hear audio',
  video: 'watch a video',
};

/** `I see an image/png of 67 bytes.` */
function acknowledge(media: Media): string {
  const type = media.mediaType;
  const what =
    type === undefined
      ? verbs[media.kind]
      : `${verbs[media.kind].split(' ')[0]} ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
  const name = media.name === undefined ? '' : ` named ${media.name}`;
  const size = media.bytes === undefined ? '' : ` of ${media.bytes} bytes`;
  const place = media.url === undefined ? '' : ` at ${media.url}`;
  return `I ${what}${name}${size}${place}.`;
}

function thoughts(said: string, calls: readonly Call[]): string {
  const plan =
    calls.length === 0
      ? 'I answer with a short sentence.'
      : `I need ${calls.map((call) => call.name).join(' and ')} for that.`;
  return `The user said "${said.slice(0, 60).toWellFormed()}". ${plan}`;
}

function shortened(text: string): string {
  return text.length <= quoteLimit ? text : `${text.slice(0, quoteLimit).toWellFormed()}…`;
}
