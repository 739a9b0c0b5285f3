import { useLayoutEffect, useRef } from 'preact/hooks';
import { keyHelp, keyList } from '../keys.ts';
import { words } from '../language.ts';
import { pages } from '../pages.ts';

/** What the keys do. */
export function KeyHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const w = words.value.keyHelp;
  useLayoutEffect(() => {
    if (keyHelp.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [keyHelp.value]);
  const rows = !keyHelp.value
    ? []
    : [
        ...Object.entries(keyList).map(([key, name]) => ({ key, text: w.does[name] })),
        ...pages.map(({ key, title }) => ({ key: `g ${key}`, text: words.value.pages[title] })),
      ];
  return (
    <dialog
      class="palette"
      ref={dialog}
      aria-label={w.title}
      onClose={() => {
        keyHelp.value = false;
      }}
    >
      <h2>{w.title}</h2>
      <dl class="keys">
        {rows.map(({ key, text }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        onClick={() => {
          keyHelp.value = false;
        }}
      >
        {words.value.close}
      </button>
    </dialog>
  );
}
