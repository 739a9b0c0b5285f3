/** One small request to a credential or a model, while a page shows it. */
import { useEffect, useState } from 'preact/hooks';
import type { TestedRequest } from '../src/management/own-answers.ts';
import { tryCredential } from './account-actions.ts';
import { attempt } from './components/notice.ts';

/** `name` is what is tried; `done` is called when it has been. */
export function useTrial(
  name: string,
  done: () => void = () => undefined,
): { trial: TestedRequest | 'running' | undefined; tryIt(): Promise<void> } {
  const [trial, setTrial] = useState<TestedRequest | 'running'>();
  // An earlier result does not apply to another one.
  useEffect(() => setTrial(undefined), [name]);
  const tryIt = (): Promise<void> =>
    attempt(async () => {
      setTrial('running');
      try {
        setTrial(await tryCredential(name));
      } catch (error) {
        setTrial(undefined);
        throw error;
      } finally {
        done();
      }
    });
  return { trial, tryIt };
}
