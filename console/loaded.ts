/** What a page asks the gateway for once, and again when it is asked to. */
import { useEffect, useState } from 'preact/hooks';
import { ask, reasonOf } from './api.ts';
import { signedIn } from './signed-in.ts';

export interface Loaded<Answer> {
  answer: Answer | undefined;
  problem: string;
  again(): void;
}

/**
 * Asks when the page opens and whenever `place` changes, and every so many milliseconds while it is looked at; what was
 * there stays until something newer comes.
 */
export function useLoaded<Answer>(place: string, every?: number): Loaded<Answer> {
  const [answer, setAnswer] = useState<Answer>();
  const [problem, setProblem] = useState('');
  const [round, setRound] = useState(0);
  /** Who signs in again sees what is there then. */
  const who = signedIn.value?.role;
  const again = (): void => setRound((before) => before + 1);
  useEffect(() => {
    const leaving = new AbortController();
    ask<Answer>(place, { signal: leaving.signal })
      .then((found) => {
        setAnswer(found);
        setProblem('');
      })
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) setProblem(reasonOf(error));
      });
    return () => leaving.abort();
  }, [place, round, who]);
  useEffect(() => {
    if (every === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again();
    }, every);
    return () => clearInterval(timer);
  }, [every]);
  return { answer, problem, again };
}
