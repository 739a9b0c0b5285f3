import { query, setQuery } from '../address.ts';
import { words } from '../language.ts';
import { narrow } from '../narrow.ts';

/** The field that narrows a list: its text is in the address, `/` goes to it. */
export function FilterField() {
  return (
    <input
      type="search"
      aria-label={words.value.filter}
      placeholder={narrow.value ? words.value.filter : `${words.value.filter} ( / )`}
      value={query.value.get('text') ?? ''}
      onInput={(event) => setQuery({ text: event.currentTarget.value })}
    />
  );
}

/** Whether any of these texts has what is in the field; all do while it is empty. */
export function passesFilter(...texts: readonly (string | null | undefined)[]): boolean {
  const wanted = (query.value.get('text') ?? '').toLowerCase();
  return wanted === '' || texts.some((text) => text?.toLowerCase().includes(wanted));
}
