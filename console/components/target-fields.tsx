import { words } from '../language.ts';
import { emptyTarget, type TargetForm } from '../route-form.ts';
import { Icon } from './icon.tsx';

/** How hard a model can be asked to think: docs/routing.md. */
const efforts = ['none', 'auto', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'];

interface Props {
  /** In front of the ids of its fields. */
  id: string;
  targets: readonly TargetForm[];
  set(targets: TargetForm[]): void;
}

/** Models in the order in which they are tried. Names of what is served are offered by the list `served-models`. */
export function TargetFields({ id, targets, set }: Props) {
  const w = words.value.routes;
  const change = (at: number, changes: Partial<TargetForm>): void =>
    set(targets.map((one, place) => (place === at ? { ...one, ...changes } : one)));
  const swap = (at: number, other: number): void => {
    const next = [...targets];
    const [one, two] = [next[at], next[other]];
    if (one === undefined || two === undefined) return;
    next[at] = two;
    next[other] = one;
    set(next);
  };
  return (
    <>
      <datalist id={`${id}-efforts`}>
        {efforts.map((effort) => (
          <option key={effort} value={effort} />
        ))}
      </datalist>
      <ol>
        {targets.map((target, at) => (
          <li key={`${id}-${String(at)}`} class="target">
            <input
              type="text"
              list="served-models"
              aria-label={at === 0 ? w.model : w.fallback(at)}
              placeholder={at === 0 ? w.model : w.fallback(at)}
              autocomplete="off"
              value={target.model}
              onInput={(event) => change(at, { model: event.currentTarget.value })}
            />
            <input
              type="text"
              list={`${id}-efforts`}
              class="short"
              aria-label={w.effort(at + 1)}
              placeholder={w.effortHint}
              value={target.effort}
              onInput={(event) => change(at, { effort: event.currentTarget.value })}
            />
            <input
              type="text"
              inputMode="numeric"
              class="short"
              aria-label={w.maxOutput(at + 1)}
              placeholder={w.maxOutputHint}
              value={target.maxOutput}
              onInput={(event) => change(at, { maxOutput: event.currentTarget.value })}
            />
            <button
              type="button"
              class="quiet"
              disabled={at === 0}
              aria-label={w.earlier(target.model)}
              onClick={() => swap(at, at - 1)}
            >
              ↑
            </button>
            <button
              type="button"
              class="quiet"
              aria-label={w.without(target.model)}
              onClick={() => set(targets.filter((_, place) => place !== at))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ol>
      <button type="button" onClick={() => set([...targets, emptyTarget])}>
        {targets.length === 0 ? w.addModel : w.addFallback}
      </button>
    </>
  );
}
