import { useEffect, useRef } from 'preact/hooks';
import { hrefOf, path } from '../address.ts';
import { chooseTheme, theme, themes } from '../colours.ts';
import { palette } from '../keys.ts';
import { type Language, language, languages, speak, words } from '../language.ts';
import { narrow } from '../narrow.ts';
import { type Page, pages } from '../pages.ts';
import { signOut, version } from '../session.ts';
import { Icon } from './icon.tsx';

/** The pages, and what is chosen for all of them. On a phone those of every day are in a bar, the others behind "More". */
export function Navigation({ page }: { page: Page | undefined }) {
  const w = words.value;
  return (
    <nav aria-label={w.nav.label}>
      {narrow.value ? (
        <>
          {pages
            .filter(({ daily }) => daily)
            .map((one) => (
              <PageLink key={one.path} to={one} page={page} />
            ))}
          <MorePages page={page} />
        </>
      ) : (
        <>
          <a class="brand" href={hrefOf('')}>
            cli-proxy-api
          </a>
          {pages.map((one) => (
            <PageLink key={one.path} to={one} page={page} />
          ))}
          <Choices />
        </>
      )}
    </nav>
  );
}

function PageLink({ to, page }: { to: Page; page: Page | undefined }) {
  return (
    <a href={hrefOf(to.path)} aria-current={page === to ? 'page' : undefined}>
      <Icon name={to.icon} />
      <span>{words.value.pages[to.title]}</span>
    </a>
  );
}

function MorePages({ page }: { page: Page | undefined }) {
  const w = words.value.nav;
  const sheet = useRef<HTMLDivElement>(null);
  // After a navigation it closes.
  useEffect(() => sheet.current?.hidePopover(), [path.value]);
  return (
    <>
      <button type="button" popovertarget="more-pages" data-current={page?.daily === false}>
        <Icon name="more" />
        <span>{w.more}</span>
      </button>
      <div id="more-pages" popover="auto" ref={sheet} class="more-pages">
        {pages
          .filter(({ daily }) => !daily)
          .map((one) => (
            <PageLink key={one.path} to={one} page={page} />
          ))}
        <Choices />
      </div>
    </>
  );
}

/** Search, colours, language, and the way out. */
function Choices() {
  const w = words.value;
  return (
    <div class="nav-end">
      <button
        type="button"
        class="quiet find"
        onClick={() => {
          palette.value = true;
        }}
        aria-label={w.nav.search}
      >
        <Icon name="search" />
        <span>{w.nav.search}</span>
      </button>
      <select
        aria-label={w.nav.theme}
        value={theme.value}
        onChange={(event) => chooseTheme(event.currentTarget.value)}
      >
        {themes.map((name) => (
          <option key={name} value={name}>
            {w.usage.choice(w.nav.theme, w.theme[name])}
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
      <button
        type="button"
        class="quiet"
        onClick={() => void signOut()}
        aria-label={w.nav.signOut}
        title={w.nav.signOut}
      >
        <Icon name="out" />
      </button>
      <small>{version.value}</small>
    </div>
  );
}
