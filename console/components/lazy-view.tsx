import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { words } from '../language.ts';

/** A page that is loaded when it is first opened: the first load of the console does not have it. */
export function lazyView(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | undefined;
  return function LazyView() {
    const [View, setView] = useState<ComponentType | undefined>(() => loaded);
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
    return View === undefined ? <p class="loading">{words.value.loading}</p> : <View />;
  };
}
