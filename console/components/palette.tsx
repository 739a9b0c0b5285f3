import { useEffect, useRef, useState } from 'preact/hooks';
import { go } from '../address.ts';
import { palette } from '../keys.ts';
import { words } from '../language.ts';
import { accounts } from '../live.ts';
import { pages } from '../pages.ts';

interface Entry {
  text: string;
  run(): void;
}

/** Everything by its name: pages, accounts, a request's id. */
export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (palette.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [palette.value]);
  const entries: Entry[] = [
    ...pages.map(({ path, title }) => ({ text: words.value.pages[title], run: () => go(path) })),
    ...(accounts.value ?? []).map(({ label }) => ({
      text: label,
      run: () => go(`accounts?text=${encodeURIComponent(label)}`),
    })),
    ...(text.length > 12
      ? [{ text: `${words.value.request.title} ${text}`, run: () => go(`requests/${text.trim()}`) }]
      : []),
  ].filter((entry) => entry.text.toLowerCase().includes(text.toLowerCase()));
  const run = (entry: Entry | undefined): void => {
    palette.value = false;
    setText('');
    entry?.run();
  };
  return (
    <dialog
      class="palette"
      ref={dialog}
      aria-label={words.value.nav.search}
      onClose={() => {
        palette.value = false;
      }}
    >
      <input
        type="search"
        aria-label={words.value.nav.search}
        placeholder={words.value.nav.search}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(entries.length - 1, at + 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
          else if (event.key === 'Enter') run(entries[at]);
        }}
      />
      <ul>
        {entries.slice(0, 12).map((entry, place) => (
          <li key={entry.text}>
            <button type="button" class={place === at ? 'chosen' : ''} onClick={() => run(entry)}>
              {entry.text}
            </button>
          </li>
        ))}
      </ul>
    </dialog>
  );
}
