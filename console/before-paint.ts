/** Inlined into the page; runs before the first paint, with nothing imported. */

/** Milliseconds after which the scripts run, painted or not. */
const longestWait = 500;

// The colours that were chosen: nothing flashes.
const chosen = localStorage.getItem('console-theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;

const main = document.querySelector<HTMLLinkElement>('link[rel=modulepreload]')?.href;
if (main !== undefined) {
  // Who is signed in is asked while the scripts are on their way; a ticket in the address signs in first.
  if (location.hash === '')
    window.askedSession = fetch(new URL('../api/session', main), {
      headers: { 'x-console': '1' },
    }).catch(() => undefined);
  // What the page has by itself is painted before the scripts run, which take longer than that. Twice is once: a module runs
  // one time, and a hidden page has no frames to wait for.
  const begin = (): void => void import(main);
  addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => setTimeout(begin)));
  setTimeout(begin, document.visibilityState === 'visible' ? longestWait : 0);
}

declare global {
  interface Window {
    /** Undefined where it could not be asked: then it is asked again. */
    askedSession?: Promise<Response | undefined>;
  }
}

export {};
