import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { words } from '../language.ts';
import { signIn, signInProblem } from '../session.ts';
import { KeyOwner } from './key-owner.tsx';
import { Snippet } from './snippet.tsx';

/** Over the page that was open: its session has ended. */
export function SignInAgain() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      class="palette"
      ref={dialog}
      aria-label={words.value.signIn.title}
      onCancel={(event) => event.preventDefault()}
    >
      <SignInForm />
    </dialog>
  );
}

/** A key, or the command that needs none. */
export function SignIn() {
  return (
    <main class="sign-in" id="content">
      <SignInForm />
    </main>
  );
}

function SignInForm() {
  const w = words.value.signIn;
  const [key, setKey] = useState('');
  return (
    <div class="sign-in-form">
      <h1>cli-proxy-api</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn({ key: key.trim() });
        }}
      >
        <KeyOwner />
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
    </div>
  );
}
