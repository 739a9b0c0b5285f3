/**
 * Sign-ins that are known on every replica of a cluster. Each stays where it was begun, which has what finishes it; the others know
 * its state, and put the person's answers there. A replica that is gone takes its sign-ins with it.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../ground/clock.ts';
import { parseJson } from '../protocols/json.ts';
import { accountKinds } from '../providers/registry.ts';
import type { Session, SessionState } from './sign-in-sessions.ts';

/** What all replicas read, each text for so many ms, sealed. Nothing of it throws. */
export interface SignInTexts {
  /** Null where there is none; undefined while that is unknown. With `ms` it is kept for so long from now on. */
  get(name: string, ms?: number): Promise<string | null | undefined>;
  put(name: string, text: string, ms: number): Promise<void>;
}

export interface SharedSignIns {
  /** Resolves when the others know of it; from then on it takes what they are answered. */
  share(session: Session): Promise<void>;
  /** One of another replica. */
  find(state: string): Promise<Session | undefined>;
}

/** Ms between two looks, and that a sign-in is known after its replica's last. */
const lookEvery = 500;
const knownFor = 15_000;
/** Ms that an outcome, and an answer, is kept. */
const remembered = 10 * 60_000;
const answerKept = 60_000;

export function sharedSignIns(texts: SignInTexts, clock: Pick<Clock, 'every'>): SharedSignIns {
  async function read(state: string): Promise<z.infer<typeof sharedSignIn> | undefined> {
    const text = await texts.get(nameOf(state));
    return typeof text === 'string' ? sharedSignIn.safeParse(parseJson(text)).data : undefined;
  }

  return {
    async share(session) {
      const { kind, state } = session;
      const put = (): Promise<void> => {
        const shared: z.infer<typeof sharedSignIn> = {
          kind,
          standing: session.progress,
          takesAnswer: session.paste !== undefined,
        };
        const life = session.progress.kind === 'wait' ? knownFor : remembered;
        return texts.put(nameOf(state), JSON.stringify(shared), life);
      };
      let last: string | undefined;
      const look = async (): Promise<void> => {
        const [known, text] = await Promise.all([
          texts.get(nameOf(state), knownFor),
          texts.get(answerOf(state)),
        ]);
        if (session.progress.kind !== 'wait') return;
        if (known === null) await put();
        if (typeof text !== 'string' || text === last) return;
        last = text;
        const answer = sharedAnswer.safeParse(parseJson(text)).data;
        if (answer?.kind === 'cancel') session.cancel();
        else if (answer !== undefined) session.paste?.(answer.line);
      };
      const end = clock.every(lookEvery, () => void look());
      void session.over.then(() => {
        end();
        return put();
      });
      await put();
    },
    async find(state) {
      const found = await read(state);
      if (found === undefined) return undefined;
      const answer = (given: z.infer<typeof sharedAnswer>): void =>
        void texts.put(answerOf(state), JSON.stringify(given), answerKept);
      return {
        ...{ kind: found.kind, state, progress: found.standing, endedAt: undefined },
        paste: found.takesAnswer ? (line) => answer({ kind: 'line', line }) : undefined,
        cancel: () => answer({ kind: 'cancel' }),
        get over() {
          return outcome(state);
        },
      };
    },
  };

  function outcome(state: string): Promise<SessionState> {
    const { promise, resolve } = Promise.withResolvers<SessionState>();
    const end = clock.every(lookEvery, () => {
      void read(state).then((found) => {
        if (found?.standing.kind === 'wait') return;
        end();
        resolve(found?.standing ?? { kind: 'error', error: 'The gateway that began this sign-in is gone.' });
      });
    });
    return promise;
  }
}

const digestOf = (state: string): string => createHash('sha256').update(state).digest('base64url');
const nameOf = (state: string): string => `sign-in:${digestOf(state)}`;
const answerOf = (state: string): string => `sign-in-answer:${digestOf(state)}`;

const sharedSignIn = z.object({
  kind: z.enum(accountKinds),
  /** How far it is: `progress` here. The name is one that replicas of several versions share. */
  standing: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('wait') }),
    z.object({ kind: z.literal('ok'), file: z.string() }),
    z.object({ kind: z.literal('error'), error: z.string() }),
  ]),
  takesAnswer: z.boolean(),
});

const sharedAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line'), line: z.string() }),
  z.object({ kind: z.literal('cancel') }),
]);
