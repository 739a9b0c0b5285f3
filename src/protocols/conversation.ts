/** Orders that some upstreams demand of a conversation: one system field, alternating turns, results right after their calls. */
import type { LossReport } from './codec.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from './model.ts';
import type { Request } from './request.ts';

/** The system and developer messages apart from the turns, each in order. Those that stood behind a turn are reported: they have moved. */
export function splitSystem(
  messages: readonly Message[],
  report: LossReport,
): { system: Message[]; turns: Message[] } {
  const system: Message[] = [];
  const turns: Message[] = [];
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') {
      system.push(message);
      if (turns.length > 0) report('approximated', 'messages.system', 'moved before the conversation');
    } else turns.push(message);
  }
  return { system, turns };
}

/** Reports, once, that prompt-cache breakpoints find no place: the caches of such upstreams find prefixes themselves. */
export function reportCacheMarkers(request: Pick<Request, 'messages' | 'tools'>, report: LossReport): void {
  const marked =
    request.tools?.some((tool) => 'cache' in tool && tool.cache !== undefined) ||
    request.messages.some(({ parts }) => parts.some((part) => 'cache' in part && part.cache !== undefined));
  if (marked) report('approximated', 'messages.cache_control', 'the upstream caches automatically');
}

/** Joins neighbouring messages of one role into one. */
export function joinTurns(messages: readonly Message[]): Message[] {
  const joined: Message[] = [];
  /** The parts of the last one, where it is of several. */
  let parts: Part[] | undefined;
  for (const message of messages) {
    const last = joined.at(-1);
    if (last !== undefined && last.role === message.role) {
      if (parts === undefined) {
        parts = [...last.parts];
        joined[joined.length - 1] = { ...last, parts };
      }
      for (const part of message.parts) parts.push(part);
    } else {
      joined.push(message);
      parts = undefined;
    }
  }
  return joined;
}

/** The messages without empty ones: providers refuse them, or servers behind some protocol do. */
export function withoutSilent(messages: readonly Message[]): readonly Message[] {
  return messages.some(isSilent) ? messages.filter((message) => !isSilent(message)) : messages;
}

/** Whether there is nothing in the message but empty texts. */
function isSilent({ parts }: Message): boolean {
  return parts.every((part) => part.type === 'text' && part.text === '' && part.signature === undefined);
}

/**
 * Whether the user spoke last, or anybody at all, and nothing is left of it that the upstream takes: the model would go on with its
 * own words, or have nothing to answer. Reported as the expected role: `word`. `spoke`: the role of the last message.
 */
export function lacksLastWord(
  messages: readonly Message[],
  spoke: 'user' | 'assistant' | undefined,
  word: string,
  report: LossReport,
): boolean {
  const last = messages.at(-1);
  const lacks =
    last !== undefined && (spoke === undefined || (spoke === 'assistant' && last.role === 'user'));
  if (lacks)
    report(
      'approximated',
      'messages',
      `${JSON.stringify(word)} replaces a last message without content for the upstream`,
    );
  return lacks;
}

/** Name and kind of the call with each id, for results whose protocol does not have them. */
export function callsById(messages: readonly Message[]): Map<string, ToolCallPart> {
  const calls = new Map<string, ToolCallPart>();
  for (const message of messages) {
    for (const part of message.parts) if (part.type === 'tool-call') calls.set(part.id, part);
  }
  return calls;
}

/**
 * The turns with every tool result directly behind the assistant turn that made its call, in the order of the calls.
 * A call without a result gets one that states that; a result without a call gets the call it must have had: upstreams
 * that pair them refuse the conversation otherwise. Both are reported. Needs joined turns, gives joined turns.
 */
export function pairToolResults(turns: readonly Message[], report: LossReport): Message[] {
  if (
    !turns.some((turn) => turn.parts.some((part) => part.type === 'tool-call' || part.type === 'tool-result'))
  ) {
    return [...turns];
  }
  const calls = callsById(turns);
  const results = new Map<string, ToolResultPart>();
  for (const turn of turns) {
    for (const part of turn.parts) {
      if (part.type === 'tool-result' && !results.has(part.callId)) results.set(part.callId, part);
    }
  }
  /** Results after their call: two calls of one id do not make two of its result. */
  const beside = new Set<ToolResultPart>();
  const paired: Message[] = [];
  for (const turn of turns) {
    let rest: Part[] = [];
    /** Neighbours whose calls are missing: they were made together. */
    let orphans: ToolResultPart[] = [];
    const adopt = (): void => {
      if (orphans.length === 0) return;
      paired.push({ role: 'assistant', parts: orphans.map(missingCall) }, { role: 'user', parts: orphans });
      orphans = [];
    };
    for (const part of turn.parts) {
      if (part.type !== 'tool-result') {
        adopt();
        rest.push(part);
      } else if (!calls.has(part.callId)) {
        report('approximated', 'messages.tool-result', `no call has the id ${part.callId}`);
        calls.set(part.callId, missingCall(part));
        // Earlier content stays before it.
        if (rest.length > 0) paired.push({ ...turn, parts: rest });
        rest = [];
        orphans.push(part);
      } else if (results.get(part.callId) !== part) {
        report('dropped', 'messages.tool-result', `the call ${part.callId} has another result`);
      }
    }
    adopt();
    if (rest.length > 0 || turn.parts.length === 0) paired.push({ ...turn, parts: rest });
    const answers = rest.flatMap((part): Part[] => {
      if (part.type !== 'tool-call') return [];
      const result = results.get(part.id);
      if (result !== undefined && !beside.has(result)) {
        beside.add(result);
        return [result];
      }
      report('approximated', 'messages.tool-call', `no result for the call ${part.id}`);
      return [missingResult(part)];
    });
    if (answers.length > 0) paired.push({ role: 'user', parts: answers });
  }
  return joinTurns(paired);
}

function missingCall(result: ToolResultPart): ToolCallPart {
  return {
    type: 'tool-call',
    id: result.callId,
    name: result.name ?? 'unknown_tool',
    kind: 'function',
    input: '{}',
  };
}

function missingResult(call: ToolCallPart): ToolResultPart {
  return {
    type: 'tool-result',
    callId: call.id,
    name: call.name,
    content: [{ type: 'text', text: 'No result was recorded for this call.' }],
    isError: true,
    placeholder: true,
  };
}

/** Reports that a result's mark of failure finds no place; the text of a result has the error too. */
export function reportErrorFlag({ isError, placeholder, content }: ToolResultPart, report: LossReport): void {
  if (isError !== true || placeholder === true) return;
  const says = textOf(content).trim().length > 0;
  report(
    says ? 'approximated' : 'dropped',
    'messages.tool-result.is_error',
    says ? 'it is in the text of the result' : 'no flag there, and the result has no text',
  );
}

/** The plain text of parts, for places that hold nothing else. */
export function textOf(parts: readonly Part[], separator = ''): string {
  const texts: string[] = [];
  for (const part of parts) if (part.type === 'text' || part.type === 'refusal') texts.push(part.text);
  return texts.join(separator);
}

/**
 * The request without its conversation, which may be megabytes: tools, settings and the protocol's own fields stay. Of the
 * messages only instructions at the start do, since answers of the Responses API repeat them.
 */
export function withoutConversation(request: Request): Request {
  const [first] = request.messages;
  const instructs = first?.role === 'system' || first?.role === 'developer';
  return { ...request, messages: instructs ? [first] : [] };
}
