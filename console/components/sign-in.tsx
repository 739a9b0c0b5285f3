import { useState } from 'preact/hooks';
import { words } from '../language.ts';
import { signIn, signInProblem } from '../session.ts';
import { Snippet } from './snippet.tsx';

/** A key, or the command that needs none. */
export function SignIn() {
  const w = words.value.signIn;
  const [key, setKey] = useState('');
  return (
    <main class="sign-in" id="content">
      <h1>cli-proxy-api</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn({ key: key.trim() });
        }}
      >
        <label>
          {w.key}
          <input
            type="password"
            autocomplete="current-password"
            required
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <button type="submit">{w.enter}</button>
        <p class="problem" role="alert">
          {signInProblem.value}
        </p>
      </form>
      <p>{w.hint}</p>
      <Snippet text="cli-proxy-api console" />
    </main>
  );
}
