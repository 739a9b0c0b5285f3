import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../language.ts';

/** A page, or a part of one, that is loaded when it is first opened: the first load of the console does not have it. */
export function lazyView<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function LazyView(props) {
    const [View, setView] = useState<ComponentType<Props> | undefined>(() => loaded);
    const [problem, setProblem] = useState('');
    useEffect(() => {
      if (View !== undefined) return;
      load().then(
        (found) => {
          loaded = found;
          setView(() => found);
        },
        () => setProblem(words.value.notLoaded),
      );
    }, [View]);
    if (problem !== '') return <p class="problem">{problem}</p>;
    return View === undefined ? <p class="loading">{words.value.loading}</p> : <View {...props} />;
  };
}
