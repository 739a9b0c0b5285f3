/** Where the page is: the path below the console's folder, and its query, which holds all filters. */
import { computed, signal } from '@preact/signals';

/** The console's folder as the browser sees it, with a slash at the end; this script lies in `assets` below it. */
export const root = new URL('../', import.meta.url);

const here = signal(new URL(location.href));

/** The path that was open before, without a slash at its beginning; empty at first. */
export const cameFrom = signal('');

/** Another page, or another view of the same one. */
function arrive(next: URL): void {
  const before = path.value;
  here.value = next;
  if (path.value !== before) cameFrom.value = before;
}

addEventListener('popstate', () => arrive(new URL(location.href)));

/** Below the folder, without a slash at its beginning. */
export const path = computed(() => here.value.pathname.slice(root.pathname.length));
/** The pieces of the path, decoded: an id may have any letter in it. */
export const pieces = computed(() => path.value.split('/').map(decoded));
export const query = computed(() => here.value.searchParams);

/** A piece of a path as it is meant. */
export function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

/** The address of a page; what is none of the console leads to its first. */
export function hrefOf(page: string): string {
  const { href } = new URL(page, root);
  return href.startsWith(root.href) ? href : root.href;
}

export function go(page: string, replace = false): void {
  const next = new URL(page, root);
  if (replace) history.replaceState(null, '', next);
  else history.pushState(null, '', next);
  const before = path.value;
  arrive(next);
  // Another page begins at its top; the browser itself scrolls where one goes back.
  if (path.value !== before) scrollTo(0, 0);
}

/** Sets single parameters of the query and leaves the others; empty ones are taken out. */
export function setQuery(changes: Record<string, string | undefined>): void {
  const next = new URL(here.value);
  for (const [name, value] of Object.entries(changes))
    if (value) next.searchParams.set(name, value);
    else next.searchParams.delete(name);
  history.replaceState(null, '', next);
  here.value = next;
}

/** Links within the console change the page without loading it. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download')) return;
  if (!link.href.startsWith(root.href)) return;
  event.preventDefault();
  go(link.href);
}
