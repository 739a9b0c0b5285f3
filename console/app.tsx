/** The frame around every page: navigation, sign-in, messages of all pages. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { followLinks, path } from './address.ts';
import { now } from './clock.ts';
import { KeyHelp } from './components/key-help.tsx';
import { Navigation } from './components/navigation.tsx';
import { closeNotice, notice } from './components/notice.ts';
import { Palette } from './components/palette.tsx';
import { SignIn, SignInAgain } from './components/sign-in.tsx';
import { UndoBar } from './components/undo-bar.tsx';
import { fromNow } from './format.ts';
import { onKey } from './keys.ts';
import { words } from './language.ts';
import { lostUntil, openLive } from './live.ts';
import { MyKey } from './my-key.tsx';
import { pages, viewOf } from './pages.ts';
import { signedIn } from './signed-in.ts';

export function App() {
  const w = words.value;
  const who = signedIn.value;
  const owner = who?.role === 'owner';
  /** A new sign-in happens over the page: unfinished work is still there. */
  const [wasOwner, setWasOwner] = useState(false);
  useEffect(() => {
    if (owner) setWasOwner(true);
  }, [owner]);
  useEffect(() => (owner ? openLive() : undefined), [owner]);
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    // What had the focus may have gone with its page: the keyboard goes on in this one.
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [path.value]);
  const page = pages.find((one) => one.path === path.value.split('/')[0]);
  useEffect(() => {
    document.title = page === undefined ? 'cli-proxy-api' : `${w.pages[page.title]} · cli-proxy-api`;
  }, [page, w]);
  if (who === undefined) return null;
  const again = who === null && wasOwner;
  if (who === null && !again) return <SignIn />;
  if (who !== null && !owner) return <MyKey name={who.name} />;
  const View = viewOf(path.value);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: links inside are followed here; each is reached by the keyboard itself
    <div
      class={lostUntil.value === undefined ? 'frame' : 'frame stale'}
      onClick={followLinks}
      onKeyDown={() => undefined}
    >
      <a class="skip" href="#content">
        {w.nav.skip}
      </a>
      <Navigation page={page} />
      <main id="content" tabIndex={-1} ref={main}>
        {lostUntil.value !== undefined && (
          <p class="bar bad" role="status">
            {w.lost(fromNow(lostUntil.value, now.value))}
          </p>
        )}
        {View === undefined ? <p>{w.notFound}</p> : <View key={path.value} />}
      </main>
      {notice.value !== undefined && (
        <p class={notice.value.bad ? 'notice bad' : 'notice'} role="status">
          {notice.value.text}{' '}
          {notice.value.bad && (
            <button type="button" class="quiet" onClick={closeNotice}>
              {w.close}
            </button>
          )}
        </p>
      )}
      <UndoBar />
      <Palette />
      <KeyHelp />
      {again && <SignInAgain />}
    </div>
  );
}
