/** Keeps the next exchanges whole, on both sides: bounded, without secrets, with the times of each piece. */

import { keptBytes, type Room } from '../gateway/trace/kept-bytes.ts';
import type {
  CallTranscript,
  LoggedCall,
  LoggedRequest,
  RequestLog,
  Transcript,
} from '../gateway/trace/request-log.ts';
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import type { Clock } from '../ground/clock.ts';
import type { Content, RecordedAttempt, RecordedExchange, Streamed } from './bundle.ts';
import { publicHeader, publicUrl, withoutSecrets } from './removed-secrets.ts';

/** Bytes that are kept of any one body, and of all of one exchange. */
const mostOfBody = 4 * 1024 * 1024;
const mostOfExchange = 16 * 1024 * 1024;
/** Pieces of one body that keep their times; later ones lengthen the last. */
const mostPieces = 20_000;
/** Attempts of one exchange. */
const mostAttempts = 64;

export interface Recorder extends RequestLog {
  /** Those that are over, in the order in which they came. */
  exchanges(): RecordedExchange[];
  /** Whether another exchange is still wanted. */
  wants(): boolean;
  /** How many are over. */
  ended(): number;
}

export interface RecorderOptions {
  count: number;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** What a recording must not contain in any place: keys of clients and of providers. */
  secrets: () => Iterable<string>;
  trace: (id: string) => RequestTrace | undefined;
}

export function createRecorder({ count, now, secrets, trace }: RecorderOptions): Recorder {
  const finished: (() => RecordedExchange)[] = [];
  let begun = 0;
  let over = 0;
  return {
    wants: () => begun < count,
    ended: () => over,
    exchanges: () => finished.map((made) => made()),
    lost() {},
    written: () => Promise.resolve(),
    begin(request) {
      const place = begun;
      begun += 1;
      return recorded(request, { now, secrets, trace }, (made) => {
        finished[place] = made;
        over += 1;
      });
    },
  };
}

function recorded(
  request: LoggedRequest,
  { now, secrets, trace }: Omit<RecorderOptions, 'count'>,
  done: (made: () => RecordedExchange) => void,
): Transcript {
  const began = now();
  const since = () => Math.round(now() - began);
  const room = { left: mostOfExchange };
  const known = new Set<string>([...secrets(), ...proofsIn(request.headers)]);
  const asked = collector(room, since);
  asked.add(request.body);
  const calls: LoggedCall[] = [];
  const attempts: ((secrets: ReadonlySet<string>, names: Names) => RecordedAttempt)[] = [];
  const answer = collector(room, since);
  let head: { status: number; headers: [string, string][]; at: number } | undefined;
  let isOver = false;
  return {
    call(call) {
      for (const secret of call.secrets) known.add(secret);
      const { transcript, made } = attempted(call, room, since);
      if (attempts.length < mostAttempts) {
        calls.push(call);
        attempts.push(made);
      }
      return transcript;
    },
    answered(status, headers) {
      head = { status, headers: Object.entries(headers), at: since() };
    },
    piece: answer.add,
    failed() {},
    end(note) {
      if (isOver) return;
      isOver = true;
      const milliseconds = since();
      done(() => {
        const { id, protocol, operation, model, stream = false, query = '' } = request;
        const remembered = trace(id);
        const names = namesOf(calls, remembered);
        return {
          at: new Date(began).toISOString(),
          request: {
            ...{ protocol, operation, stream },
            model: withoutSecrets(model, known),
            query: withoutSecrets(query, known),
            headers: shown([...request.headers], known),
            body: asked.content(known),
          },
          attempts: attempts.map((one) => one(known, names)),
          ...(head && {
            answer: { ...head, headers: shown(head.headers, known), ...answer.streamed(known) },
          }),
          ...(note !== undefined && { ended: withoutSecrets(note, known) }),
          milliseconds,
          ...(remembered && { trace: withoutSecretsIn(renamed(remembered, names), known) }),
        };
      });
    },
  };
}

function attempted(
  { url, headers, body, to }: LoggedCall,
  room: { left: number },
  since: () => number,
): { transcript: CallTranscript; made: (secrets: ReadonlySet<string>, names: Names) => RecordedAttempt } {
  const at = since();
  const sent = collector(room, since);
  sent.add(body);
  const got = collector(room, since);
  let head: { status: number; headers: [string, string][]; at: number } | undefined;
  let failed: string | undefined;
  return {
    transcript: {
      answered(status, answerHeaders) {
        head = { status, headers: [...answerHeaders], at: since() };
      },
      piece: got.add,
      failed(message) {
        failed = message;
      },
    },
    made: (secrets, names) => ({
      credential: names.ofId(to?.id ?? ''),
      provider: to?.provider ?? '',
      account: to?.account ?? false,
      baseUrl: publicUrl(to?.baseUrl ?? '', secrets),
      url: publicUrl(url, secrets),
      at,
      headers: shown(Object.entries(headers), secrets),
      body: sent.content(secrets),
      ...(head && { answer: { ...head, headers: shown(head.headers, secrets), ...got.streamed(secrets) } }),
      ...(failed !== undefined && { failed: withoutSecrets(failed, secrets) }),
    }),
  };
}

/** Bytes as they come, with their times, up to a bound. */
function collector(room: Room, since: () => number) {
  const kept = keptBytes(mostOfBody, room);
  const pieces: [number, number][] = [];
  function content(secrets: ReadonlySet<string>): Content {
    const bytes = kept.bytes();
    const cut = kept.cut() > 0 ? { cut: kept.cut() } : {};
    const text = textIn(bytes);
    if (text !== undefined) return { text: withoutSecrets(text, secrets), ...cut };
    // Parts of a form are texts between other bytes.
    const masked = withoutSecrets(bytes.toString('latin1'), secrets);
    return { base64: Buffer.from(masked, 'latin1').toString('base64'), ...cut };
  }
  return {
    add(piece: Uint8Array | string): void {
      const taken = kept.add(piece);
      if (taken === 0) return;
      const last = pieces.at(-1);
      if (pieces.length < mostPieces || last === undefined) pieces.push([since(), taken]);
      else last[1] += taken;
    },
    content,
    streamed: (secrets: ReadonlySet<string>): Pick<Streamed, 'body' | 'pieces'> => ({
      body: content(secrets),
      pieces,
    }),
  };
}

/** The bytes as text, where every one of them comes back from it; a character that the bound has cut does not count. */
function textIn(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function shown(headers: readonly [string, string][], secrets: ReadonlySet<string>): [string, string][] {
  return headers.map(([name, value]) => [name, publicHeader(name, value, secrets)]);
}

/** The client's own key, in any place. */
function proofsIn(headers: Headers): string[] {
  return [...headers].flatMap(([name, value]) =>
    /auth|key|token|cookie/i.test(name) ? [value.replace(/^bearer\s+/i, '')] : [],
  );
}

function withoutSecretsIn(trace: RequestTrace, secrets: ReadonlySet<string>): RequestTrace {
  return JSON.parse(withoutSecrets(JSON.stringify(trace), secrets));
}

/** Labels of credentials have names, e-mail addresses and ends of keys in them: each credential is counted instead. */
function namesOf(calls: readonly LoggedCall[], trace: RequestTrace | undefined): Names {
  const ids = new Map<string, string>();
  const labels = new Map<string, string>();
  const counted = (provider: string) =>
    `${provider}/${new Set([...ids.values(), ...labels.values()]).size + 1}`;
  for (const { to } of calls) {
    if (to === undefined || ids.has(to.id)) continue;
    const name = counted(to.provider);
    ids.set(to.id, name);
    if (!labels.has(to.label)) labels.set(to.label, name);
  }
  const others = [
    ...(trace?.steps ?? []).flatMap((step) => (step.kind === 'attempt' ? [step.credential] : [])),
    ...(trace?.choice?.passed ?? []).map(({ credential }) => credential),
    ...(trace?.choice?.boundTo === undefined ? [] : [trace.choice.boundTo]),
  ];
  for (const label of others) if (!labels.has(label)) labels.set(label, counted('credential'));
  return { ofId: (id) => ids.get(id) ?? '', ofLabel: (label) => labels.get(label) ?? label };
}

interface Names {
  ofId: (id: string) => string;
  ofLabel: (label: string) => string;
}

function renamed(trace: RequestTrace, { ofLabel }: Names): RequestTrace {
  const text = JSON.stringify(trace, (key, value: unknown) =>
    (key === 'credential' || key === 'boundTo' || key === 'before') && typeof value === 'string'
      ? ofLabel(value)
      : value,
  );
  return JSON.parse(text.replace(/[\w.+-]+@[\w-]+\.[\w.-]+/g, '…@…'));
}
