/** A sign-in to a provider, from its beginning to the account: in the browser, with a code on any device, or with a cookie. */
import { useEffect, useState } from 'preact/hooks';
import type { SignInOffer } from '../../src/console/wire.ts';
import { hrefOf } from '../address.ts';
import { ask, managed, reasonOf } from '../api.ts';
import { now } from '../clock.ts';
import { words } from '../language.ts';
import { accounts } from '../live.ts';
import { AnswerField } from './answer-field.tsx';
import { Copy } from './copy.tsx';
import { State } from './state.tsx';

interface Begun {
  url: string;
  state: string;
  message?: string;
  user_code?: string;
  verification_uri?: string;
  expires_in?: number;
}

type Stage =
  | { kind: 'idle' }
  | { kind: 'waiting'; begun: Begun; expiresAt: number | undefined }
  | { kind: 'done'; file: string | undefined }
  | { kind: 'failed'; reason: string };

const pollTime = 1000;
/** On the computer of the gateway its own listener gets the answer; elsewhere it is pasted. */
const isHere = /^(localhost|127\.|\[::1\])/.test(location.hostname);

export function SignInFlow({ offer, way }: { offer: SignInOffer; way: 'browser' | 'device' }) {
  const w = words.value.addAccount;
  const [stage, setStage] = useState<Stage>({ kind: 'idle' });
  const [project, setProject] = useState('');
  const state = stage.kind === 'waiting' ? stage.begun.state : undefined;
  const failed = (error: unknown): void => setStage({ kind: 'failed', reason: reasonOf(error) });

  async function begin(): Promise<void> {
    const query = new URLSearchParams({ flow: way, is_webui: String(isHere), project_id: project.trim() });
    try {
      const begun = await ask<Begun>(managed(`${offer.kind}-auth-url?${query}`));
      const { expires_in: seconds } = begun;
      const expiresAt = seconds === undefined ? undefined : Date.now() + seconds * 1000;
      setStage({ kind: 'waiting', begun, expiresAt });
    } catch (error) {
      failed(error);
    }
  }

  async function cancel(): Promise<void> {
    setStage({ kind: 'idle' });
    if (state !== undefined)
      await ask(managed(`oauth-session?state=${state}`), { method: 'DELETE' }).catch(() => undefined);
  }

  useEffect(() => {
    if (state === undefined) return undefined;
    let over = false;
    const look = async (): Promise<void> => {
      type SignInStatus = { status: 'wait' | 'ok' | 'error'; error?: string; 'auth-file'?: string };
      // A gateway that does not respond for a moment is asked again: the sign-in goes on there.
      const found = await ask<SignInStatus>(managed(`get-auth-status?state=${state}&details=true`)).catch(
        (): SignInStatus => ({ status: 'wait' }),
      );
      if (over) return;
      if (found.status === 'ok') setStage({ kind: 'done', file: found['auth-file'] });
      else if (found.status === 'error') failed(new Error(found.error));
    };
    const timer = setInterval(() => void look(), pollTime);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [state]);

  switch (stage.kind) {
    case 'idle':
      return (
        <form
          class="tools"
          onSubmit={(event) => {
            event.preventDefault();
            void begin();
          }}
        >
          {offer.forProjects && (
            <label>
              {w.project}{' '}
              <input
                type="text"
                autocomplete="off"
                value={project}
                onInput={(event) => setProject(event.currentTarget.value)}
              />
            </label>
          )}
          <button type="submit">{way === 'device' ? w.beginDevice : w.begin(offer.title)}</button>
        </form>
      );
    case 'waiting':
      return (
        <>
          <Steps stage={stage} title={offer.title} />
          {way === 'browser' && <Paste begun={stage.begun} />}
          <div class="tools">
            <State tone="off">{w.waiting(offer.title)}</State>
            <button type="button" onClick={() => void cancel()}>
              {w.cancel}
            </button>
          </div>
        </>
      );
    case 'done':
      return <Done file={stage.file} again={() => setStage({ kind: 'idle' })} />;
    case 'failed':
      return (
        <>
          <p class="problem" role="alert">
            {w.failed(stage.reason)}
          </p>
          <button type="button" onClick={() => void begin()}>
            {w.again}
          </button>
        </>
      );
  }
}

/** What a person does now: a page to open, and a code where there is one. */
function Steps({ stage, title }: { stage: Extract<Stage, { kind: 'waiting' }>; title: string }) {
  const w = words.value.addAccount;
  const { begun, expiresAt } = stage;
  const left = expiresAt === undefined ? undefined : Math.max(0, Math.round((expiresAt - now.value) / 1000));
  return (
    <>
      {begun.message !== undefined && <p class="warn">{begun.message}</p>}
      {begun.user_code !== undefined && (
        <p class="device-code">
          <strong>{begun.user_code}</strong> <Copy text={begun.user_code} />
        </p>
      )}
      <p class="tools">
        <a class="button" href={begun.url} target="_blank" rel="noreferrer">
          {w.open(title)}
        </a>
        <Copy text={begun.verification_uri ?? begun.url} />
      </p>
      {begun.user_code !== undefined && <p>{w.codeThere(begun.verification_uri ?? begun.url)}</p>}
      {left !== undefined && (
        <p role="timer">{left === 0 ? w.codeOver : w.codeHolds(Math.floor(left / 60), left % 60)}</p>
      )}
    </>
  );
}

/** A browser on another computer ends at an address without a server: that address is pasted here. */
function Paste({ begun }: { begun: Begun }) {
  const w = words.value.addAccount;
  return (
    <AnswerField
      id="pasted"
      label={isHere ? w.pasteElse : w.paste}
      placeholder="http://localhost:…/callback?code=…&state=…"
      button={w.pasted}
      advice={w.pasteHow}
      send={async (address) => {
        await ask(managed('oauth-callback'), {
          method: 'POST',
          body: { state: begun.state, redirect_url: address.trim() },
        });
      }}
    />
  );
}

/** Whose account it is, once the gateway has it in use. */
function Done({ file, again }: { file: string | undefined; again(): void }) {
  const w = words.value.addAccount;
  const id = file?.replace(/^.*[/\\]/, '').replace(/\.json$/i, '');
  const row = accounts.value?.find((one) => one.file === id);
  return (
    <div role="status">
      <p>
        <State tone="good">
          {w.signedIn([row?.label ?? id, row?.email, row?.plan].filter(Boolean).join(' · '))}
        </State>
      </p>
      <p class="tools">
        {row !== undefined && <a href={hrefOf(`accounts/${encodeURIComponent(row.id)}`)}>{w.look}</a>}
        <button type="button" onClick={again}>
          {w.another}
        </button>
      </p>
    </div>
  );
}

export function CookieSignIn({ offer }: { offer: SignInOffer }) {
  const w = words.value.addAccount;
  const [file, setFile] = useState<string>();
  if (file !== undefined) return <Done file={file} again={() => setFile(undefined)} />;
  return (
    <AnswerField
      id="cookie"
      secret
      label={w.cookie(offer.cookieSite ?? offer.title)}
      button={w.signIn}
      send={async (cookie) => {
        const made = await ask<{ saved_path: string }>(managed(`${offer.kind}-auth-url`), {
          method: 'POST',
          body: { cookie },
        });
        setFile(made.saved_path);
      }}
    />
  );
}
