import type { ManagementAnswer } from '../../src/management/own-answers.ts';
import { trialText } from '../account-actions.ts';
import { hrefOf } from '../address.ts';
import { endTime } from '../format.ts';
import { words } from '../language.ts';
import { useTrial } from '../trial.ts';
import { LimitList } from './limit-list.tsx';
import { State } from './state.tsx';

type Explained = Extract<ManagementAnswer, { choice: unknown }>;

/** Who would serve a model now, who would not and why, and what a client key may use of them. */
export function Explanation({ explained: { model, choice, key } }: { explained: Explained }) {
  const w = words.value.models;
  const { trial, tryIt } = useTrial(model);
  return (
    <section class="card" aria-live="polite" aria-label={w.wouldServe(model)}>
      <div class="tools">
        <h2>{w.wouldServe(model)}</h2>
        <button type="button" disabled={trial === 'running'} onClick={() => void tryIt()}>
          {trial === 'running' ? words.value.accounts.trying : w.try}
        </button>
        <a class="button" href={hrefOf(`play?model=${encodeURIComponent(model)}`)}>
          {words.value.pages.playground}
        </a>
      </div>
      {trial !== undefined && trial !== 'running' && (
        <p role="status">
          <State tone={trial.ok ? 'good' : 'bad'}>{trialText(trial.credential ?? model, trial)}</State>{' '}
          <a href={hrefOf(`requests/${trial.id}`)}>{words.value.account.look}</a>
        </p>
      )}
      <p>{w.readiness(choice.strategy, choice.ready, choice.candidates)}</p>
      {key !== null && (
        <p>
          <State tone={key.mayUseModel && key.ready > 0 ? 'good' : 'bad'}>
            {key.mayUseModel ? w.keyMay(key.name, key.ready, key.candidates) : w.keyMayNot(key.name)}
          </State>
        </p>
      )}
      {key !== null && <LimitList limits={key.limits} of={key.name} />}
      <ul>
        {(choice.named ?? []).map(({ credential, model: served }) => (
          <li key={`${credential} ${served}`}>
            <State tone="good">{`${credential} · ${served}`}</State>
          </li>
        ))}
        {choice.passed.map(({ credential, model: served, why, reason, until }) => (
          <li key={`${credential} ${served} ${why}`}>
            <State tone="warn">{`${credential} · ${served}: ${words.value.request.cooldown(endTime(until))} – ${why}: ${reason}`}</State>
          </li>
        ))}
      </ul>
    </section>
  );
}
