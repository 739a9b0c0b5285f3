import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { palette } from '../keys.ts';
import { words } from '../language.ts';
import { loadEntries, type PaletteEntry, paletteEntries } from '../palette-entries.ts';

const mostShown = 12;

/** Everything by its name: pages, what can be done, accounts, models, settings, a request's id. */
export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useLayoutEffect(() => {
    if (palette.value) {
      loadEntries();
      dialog.current?.showModal();
    } else dialog.current?.close();
  }, [palette.value]);
  const entries = palette.value ? paletteEntries(text).slice(0, mostShown) : [];
  const run = (entry: PaletteEntry | undefined): void => {
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
          else if (event.key === 'Enter') {
            // Whoever types faster than the list is drawn means what is typed.
            const { value } = event.currentTarget;
            run(value === text ? entries[at] : paletteEntries(value)[0]);
          }
        }}
      />
      <ul>
        {entries.map((entry, place) => (
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
