/** Keyboard: `g` and a letter go to a page, `/` to the filter, Ctrl-K or ⌘K opens the palette. */
import { signal } from '@preact/signals';
import { go } from './address.ts';
import { pages } from './pages.ts';

export const palette = signal(false);

let went = 0;

export function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    palette.value = !palette.value;
    return;
  }
  const typing =
    event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]');
  if (event.key === 'Escape' && event.target instanceof HTMLInputElement && event.target.type === 'search') {
    event.target.blur();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = Date.now() - went < 1500 ? pages.find(({ key }) => key === event.key) : undefined;
  went = 0;
  if (page !== undefined) {
    go(page.path);
    return;
  }
  switch (event.key) {
    case 'g':
      went = Date.now();
      return;
    case '/': {
      const filter = document.querySelector<HTMLInputElement>('input[type=search]');
      if (filter === null) return;
      event.preventDefault();
      filter.focus();
      return;
    }
    case 'j':
    case 'k': {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
      const at = rows.indexOf(
        document.activeElement instanceof HTMLElement ? document.activeElement : (rows[0] ?? document.body),
      );
      rows[event.key === 'j' ? Math.min(rows.length - 1, at + 1) : Math.max(0, at - 1)]?.focus();
    }
  }
}
