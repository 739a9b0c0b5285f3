/**
 * What one replica of a cluster asks another: what only that one has, its log and how its latest requests went. A question is the
 * address of a GET, its answer a response; both are sealed with the `auth-encryption-key`, so that readers of Valkey learn
 * nothing, and can ask nothing, not even once more what was asked before. Loaded with the first question.
 */
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import type { ReplicaMessages } from '../cluster/ports.ts';
import type { Clock } from '../ground/clock.ts';
import { parseJson } from '../protocols/json.ts';
import type { SharedEncryption } from './shared-encryption.ts';

/** The requested data, or a sentence with the reason why it is unknown. */
export type ReplicaAnswer = { ok: true; response: Response } | { ok: false; sentence: string };

export interface ReplicaQuestions {
  /** Asks the replica with this id; waits for so many ms at most. `path`: of the address, with its query. */
  ask(replica: string, path: string, ms: number): Promise<ReplicaAnswer>;
  /** Takes in a message to this replica. */
  take(text: string): Promise<void>;
}

export interface QuestionsOptions {
  messages: Pick<ReplicaMessages, 'send'>;
  /** The id of this replica. */
  replica: string;
  sharedEncryption: SharedEncryption;
  /** Answers a question of another replica. */
  answer: (path: string) => Promise<Response>;
  clock: Pick<Clock, 'after'>;
}

/**
 * Characters of a question, bytes of an answer as it is and as it is sent. Valkey lets a subscriber go for which 32 MB wait, and an answer
 * is base64url twice: a dozen replicas may answer at once. Source: valkey.io/topics/clients, client-output-buffer-limit.
 */
const longestPath = 8 * 1024;
const mostAnswer = 32 * 1024 * 1024;
const mostSent = 1024 * 1024;
/** Characters of a message that is opened. Replicas of an earlier version send so much, and any client of Valkey can publish more. */
const longestMessage = 8 * 1024 * 1024;
/** Questions of others that are answered at the same time, and own ones that wait. */
const mostAnswered = 16;
const mostAsked = 256;

const question = z.object({
  kind: z.literal('question'),
  id: z.string().max(64),
  /** Which of the questions of `from`, whose id is another after each start: none is answered twice. */
  n: z.number().int().min(0),
  from: z.string().max(64),
  path: z.string().max(longestPath),
});
const answered = z.object({
  kind: z.literal('answer'),
  id: z.string().max(64),
  status: z.number().int().min(200).max(599),
  type: z.string().max(256),
  disposition: z.string().max(1024).optional(),
  /** gzip, as base64url. */
  body: z.string(),
});
const message = z.discriminatedUnion('kind', [question, answered]);
type Question = z.infer<typeof question>;
type Answered = z.infer<typeof answered>;

export function replicaQuestions(options: QuestionsOptions): ReplicaQuestions {
  const { messages, replica, sharedEncryption, answer, clock } = options;
  const waiting = new Map<string, (answer: ReplicaAnswer) => void>();
  const isFresh = freshQuestions();
  let answering = 0;
  let asked = 0;

  async function send(to: string, text: z.infer<typeof message>): Promise<boolean> {
    const sealed = await sharedEncryption.seal(nameFor(to), JSON.stringify(text));
    return sealed !== undefined && messages.send(to, sealed);
  }

  async function reply({ id, from, path }: Question): Promise<void> {
    const done = async (response: Response): Promise<void> =>
      void (await send(from, { kind: 'answer', id, ...(await packed(response)) }));
    if (answering >= mostAnswered)
      return done(problem(503, 'too_many_questions', 'It has too many queries now.'));
    answering += 1;
    try {
      await done(await answer(path));
    } catch {
      await done(problem(500, 'internal_error', 'It could not answer: its log has the reason.'));
    } finally {
      answering -= 1;
    }
  }

  return {
    async ask(to, path, ms) {
      if (path.length > longestPath) return { ok: false, sentence: 'the address is too long' };
      if (waiting.size >= mostAsked)
        return { ok: false, sentence: 'too many queries to other replicas are pending' };
      const id = randomBytes(12).toString('base64url');
      const { promise, resolve } = Promise.withResolvers<ReplicaAnswer>();
      const end = clock.after(ms, () =>
        resolve({ ok: false, sentence: `it has not answered within ${ms / 1000} s` }),
      );
      waiting.set(id, resolve);
      const n = asked++;
      try {
        if (!(await send(to, { kind: 'question', id, n, from: replica, path })))
          return {
            ok: false,
            sentence: 'it cannot be reached while Valkey, or Postgres in its place, is down',
          };
        return await promise;
      } finally {
        end();
        waiting.delete(id);
      }
    },
    async take(text) {
      if (text.length > longestMessage) return;
      const opened = await sharedEncryption.open(nameFor(replica), text);
      const taken = typeof opened === 'string' ? message.safeParse(parseJson(opened)).data : undefined;
      if (taken?.kind === 'question') {
        if (isFresh(taken)) await reply(taken);
      } else if (taken !== undefined) {
        const resolve = waiting.get(taken.id);
        if (resolve !== undefined) resolve(await unpacked(taken));
      }
    },
  };
}

/** Questions of one replica among which a late one is known from one that is there again, and replicas that are remembered. */
const mostLate = 1024;
const mostAskers = 256;

/** Whether a question is there for the first time: who sees one in Valkey can publish it again. */
function freshQuestions(): (question: Pick<Question, 'from' | 'n'>) => boolean {
  const askers = new Map<string, { newest: number; taken: Set<number> }>();
  return ({ from, n }) => {
    const asker = askers.get(from) ?? { newest: n, taken: new Set<number>() };
    if (asker.taken.has(n) || n <= asker.newest - mostLate) return false;
    asker.taken.add(n);
    asker.newest = Math.max(asker.newest, n);
    if (asker.taken.size > 2 * mostLate)
      asker.taken = new Set([...asker.taken].filter((one) => one > asker.newest - mostLate));
    askers.delete(from);
    askers.set(from, asker);
    for (const gone of askers.keys()) if (askers.size > mostAskers) askers.delete(gone);
    return true;
  };
}

/** What a message to a replica is sealed for. */
const nameFor = (replica: string): string => `to:${replica}`;

async function packed(response: Response): Promise<Omit<Answered, 'kind' | 'id'>> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const body = bytes.length > mostAnswer ? undefined : await promisify(gzip)(bytes);
  if (body === undefined || body.length > mostSent)
    return packed(
      problem(413, 'answer_too_large', 'The answer is too large to be forwarded: request less of it.'),
    );
  const disposition = response.headers.get('content-disposition');
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? 'application/octet-stream',
    ...(disposition !== null && { disposition }),
    body: body.toString('base64url'),
  };
}

async function unpacked({ status, type, disposition, body }: Answered): Promise<ReplicaAnswer> {
  try {
    const bytes = await promisify(gunzip)(Buffer.from(body, 'base64url'), { maxOutputLength: mostAnswer });
    const headers = {
      'content-type': type,
      ...(disposition !== undefined && { 'content-disposition': disposition }),
    };
    return { ok: true, response: new Response(bytes, { status, headers }) };
  } catch {
    return { ok: false, sentence: 'its answer could not be read' };
  }
}

function problem(status: number, code: string, error: string): Response {
  return Response.json({ error, code }, { status });
}
