/** Where the page is: the path below the console's folder, and its query, which holds all filters. */
import { computed, signal } from '@preact/signals';

/** The console's folder as the browser sees it, with a slash at the end; this script lies in `assets` below it. */
export const root = new URL('../', import.meta.url);

const here = signal(new URL(location.href));

addEventListener('popstate', () => {
  here.value = new URL(location.href);
});

/** Below the folder, without a slash at its beginning. */
export const path = computed(() => here.value.pathname.slice(root.pathname.length));
/** The pieces of the path, decoded: an id may have any letter in it. */
export const pieces = computed(() => path.value.split('/').map(decoded));
export const query = computed(() => here.value.searchParams);

function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

/** The address of a page. */
export function hrefOf(page: string): string {
  return new URL(page, root).href;
}

export function go(page: string, replace = false): void {
  const next = new URL(page, root);
  if (replace) history.replaceState(null, '', next);
  else history.pushState(null, '', next);
  here.value = next;
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
