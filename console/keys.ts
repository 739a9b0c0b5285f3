/** Keyboard: what each key does is listed in `keyList`, which `?` shows. */
import { signal } from '@preact/signals';
import { go, path } from './address.ts';
import { pages } from './pages.ts';

export const palette = signal(false);
export const keyHelp = signal(false);

/** Keys and what they do, by their words; those of pages are with the pages. */
export const keyList = {
  'Ctrl K': 'search',
  '/': 'filter',
  'j k': 'rows',
  Enter: 'open',
  x: 'select',
  e: 'edit',
  '.': 'actions',
  a: 'add',
  Space: 'pause',
  '[ ]': 'beside',
  Esc: 'close',
  '?': 'help',
} as const;

/** The part of the page that a key means, clicked; where there is none, the key does nothing. */
function press(selector: string, within: ParentNode = document): boolean {
  const found = within.querySelector<HTMLElement>(selector);
  found?.click();
  return found !== null;
}

/** The row that has the focus. */
const focusedRow = (): ParentNode =>
  document.activeElement?.closest('[data-row-place], .account-card, .card') ?? document;

/** Milliseconds in which the second key of `g r` counts. */
const chordTime = 5000;
let went = 0;

export function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    palette.value = !palette.value;
    return;
  }
  const typing =
    event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]');
  // A field takes letters for itself: this leaves it. In a dialog it closes that.
  if (event.key === 'Escape' && typing instanceof HTMLElement && typing.closest('dialog') === null) {
    typing.blur();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = Date.now() - went < chordTime ? pages.find(({ key }) => key === event.key) : undefined;
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
    case '?':
      keyHelp.value = !keyHelp.value;
      return;
    case 'x':
      press('input[type=checkbox]', focusedRow());
      return;
    case 'e':
      press('[data-edit]', focusedRow());
      return;
    case '.':
      focusedRow().querySelector<HTMLElement>('.actions button, .actions a')?.focus();
      return;
    case 'a':
      press('[data-add]');
      return;
    case '[':
      press('[data-older]');
      return;
    case ']':
      press('[data-newer]');
      return;
    case ' ':
      if (event.target instanceof Element && event.target.closest('button, summary')) return;
      if (press('[data-pause]')) event.preventDefault();
      return;
    case 'Escape':
      if (keyHelp.value) keyHelp.value = false;
      else if (path.value.includes('/')) go(path.value.split('/')[0] ?? '');
      return;
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
