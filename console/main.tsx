import { render } from 'preact';
import { App } from './app.tsx';
import { showHidden } from './drawn-text.ts';
import { start } from './session.ts';

// Until it is known who is signed in there is what the page has by itself.
showHidden();
void start().then(() => {
  const place = document.getElementById('console');
  if (place === null) return;
  place.replaceChildren();
  render(<App />, place);
});
