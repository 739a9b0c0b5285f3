/** What a page asks the gateway for once, and again when it is told to. */
import { useEffect, useState } from 'preact/hooks';
import { ask } from './api.ts';

export interface Loaded<Answer> {
  answer: Answer | undefined;
  problem: string;
  again(): void;
}

/** Asks when the page opens and whenever `place` changes; what was there stays until something newer comes. */
export function useLoaded<Answer>(place: string): Loaded<Answer> {
  const [answer, setAnswer] = useState<Answer>();
  const [problem, setProblem] = useState('');
  const [round, setRound] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    ask<Answer>(place, { signal: leaving.signal })
      .then((found) => {
        setAnswer(found);
        setProblem('');
      })
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      });
    return () => leaving.abort();
  }, [place, round]);
  return { answer, problem, again: () => setRound(round + 1) };
}
