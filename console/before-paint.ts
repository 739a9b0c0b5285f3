/** Stands in the page itself and runs before the first paint, with nothing imported. */

// The colours that were chosen: nothing flashes.
const chosen = localStorage.getItem('console-theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;

// Who is signed in is asked while the scripts are on their way; a ticket in the address signs in first.
const scripts = document.querySelector<HTMLLinkElement>('link[rel=modulepreload]');
if (scripts !== null && location.hash === '')
  window.askedSession = fetch(new URL('../api/session', scripts.href), {
    headers: { 'x-console': '1' },
  }).catch(() => undefined);

declare global {
  interface Window {
    /** Undefined where it could not be asked: then it is asked again. */
    askedSession?: Promise<Response | undefined>;
  }
}

export {};
