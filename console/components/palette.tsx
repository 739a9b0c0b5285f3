import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { palette } from '../keys.ts';
import { words } from '../language.ts';
import { loadEntries, type PaletteEntry, paletteEntries } from '../palette-entries.ts';

const mostShown = 12;
const entryId = (place: number): string => `palette-entry-${place}`;

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
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls="palette-entries"
        aria-activedescendant={entries.length === 0 ? undefined : entryId(at)}
        autocomplete="off"
        aria-label={words.value.nav.search}
        placeholder={words.value.nav.search}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            // In the text it would go to the end, or to the beginning.
            event.preventDefault();
            const step = event.key === 'ArrowDown' ? 1 : -1;
            setAt(Math.max(0, Math.min(entries.length - 1, at + step)));
          } else if (event.key === 'Enter') {
            // Fast typing refers to the typed text, not to the drawn list.
            const { value } = event.currentTarget;
            run(value === text ? entries[at] : paletteEntries(value)[0]);
          }
        }}
      />
      <div id="palette-entries" role="listbox" aria-label={words.value.nav.search}>
        {entries.map((entry, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above keeps the focus, and its keys choose
          <div
            key={entry.text}
            id={entryId(place)}
            role="option"
            aria-selected={place === at}
            class="entry"
            onClick={() => run(entry)}
          >
            {entry.text}
          </div>
        ))}
      </div>
      {palette.value && entries.length === 0 && <p class="empty">{words.value.palette.nothing}</p>}
    </dialog>
  );
}
