/** The frame around every page: navigation, sign-in, what is said on all of them. */
import { useEffect, useState } from 'preact/hooks';
import { followLinks, hrefOf, path } from './address.ts';
import { now } from './clock.ts';
import { chooseTheme, theme, themes } from './colours.ts';
import { Icon } from './components/icon.tsx';
import { KeyHelp } from './components/key-help.tsx';
import { notice } from './components/notice.ts';
import { Palette } from './components/palette.tsx';
import { SignIn, SignInAgain } from './components/sign-in.tsx';
import { UndoBar } from './components/undo-bar.tsx';
import { fromNow } from './format.ts';
import { onKey, palette } from './keys.ts';
import { type Language, language, languages, speak, words } from './language.ts';
import { lostUntil, openLive } from './live.ts';
import { MyKey } from './my-key.tsx';
import { pages, viewOf } from './pages.ts';
import { signOut, version } from './session.ts';
import { signedIn } from './signed-in.ts';

export function App() {
  const w = words.value;
  const who = signedIn.value;
  const owner = who?.role === 'owner';
  /** Whoever was signed in signs in again over the page: what was begun there is still there. */
  const [wasOwner, setWasOwner] = useState(false);
  useEffect(() => {
    if (owner) setWasOwner(true);
  }, [owner]);
  useEffect(() => (owner ? openLive() : undefined), [owner]);
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const page = pages.find((one) => one.path === path.value.split('/')[0]);
  useEffect(() => {
    document.title = page === undefined ? 'cli-proxy-api' : `${w.pages[page.title]} · cli-proxy-api`;
  }, [page, w]);
  if (who === undefined) return <p class="loading">{w.loading}</p>;
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
      <nav aria-label={w.nav.label}>
        <a class="brand" href={hrefOf('')}>
          cli-proxy-api
        </a>
        {pages.map(({ path: to, icon, title, daily }) => (
          <a
            key={to}
            href={hrefOf(to)}
            class={daily ? '' : 'rare'}
            aria-current={page?.path === to ? 'page' : undefined}
          >
            <Icon name={icon} />
            <span>{w.pages[title]}</span>
          </a>
        ))}
        <div class="nav-end">
          <button
            type="button"
            class="quiet"
            onClick={() => {
              palette.value = true;
            }}
            aria-label={w.nav.search}
          >
            <Icon name="search" />
          </button>
          <select
            aria-label={w.nav.theme}
            value={theme.value}
            onChange={(event) => chooseTheme(event.currentTarget.value)}
          >
            {themes.map((name) => (
              <option key={name} value={name}>
                {w.theme[name]}
              </option>
            ))}
          </select>
          <select
            aria-label={w.nav.language}
            value={language.value}
            onChange={(event) => {
              const chosen = Object.keys(languages).find(
                (name): name is Language => name === event.currentTarget.value,
              );
              if (chosen !== undefined) void speak(chosen);
            }}
          >
            {Object.entries(languages).map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
          <button type="button" class="quiet" onClick={() => void signOut()} aria-label={w.nav.signOut}>
            <Icon name="out" />
          </button>
          <small>{version.value}</small>
        </div>
      </nav>
      <main id="content" tabIndex={-1}>
        {lostUntil.value !== undefined && (
          <p class="bar bad" role="status">
            {w.lost(fromNow(lostUntil.value, now.value))}
          </p>
        )}
        {View === undefined ? <p>{w.notFound}</p> : <View key={path.value} />}
      </main>
      {notice.value !== undefined && (
        <p class={notice.value.bad ? 'notice bad' : 'notice'} role="status">
          {notice.value.text}
        </p>
      )}
      <UndoBar />
      <Palette />
      <KeyHelp />
      {again && <SignInAgain />}
    </div>
  );
}
