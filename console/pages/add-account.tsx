/** Every way to add a credential: signing in, files, API keys. What there is comes from the records of the providers. */
import type { ComponentChildren } from 'preact';
import type { Offers, SignInOffer } from '../../src/console/wire.ts';
import { query, setQuery } from '../address.ts';
import { AccountFiles } from '../components/account-files.tsx';
import { KeyAdder } from '../components/key-adder.tsx';
import { CookieSignIn, SignInFlow } from '../components/sign-in-flow.tsx';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';

export function AddAccount() {
  const w = words.value.addAccount;
  const { answer, problem } = useLoaded<Offers>('offers');
  const kind = query.value.get('kind') ?? '';
  const offer = answer?.signIns.find((one) => one.kind === kind);
  return (
    <>
      <h1>{w.title}</h1>
      {problem !== '' && <p class="problem">{problem}</p>}
      {answer === undefined ? (
        problem === '' && <p class="loading">{words.value.loading}</p>
      ) : (
        <>
          <section aria-labelledby="sign-in">
            <h2 id="sign-in">{w.signInTo}</h2>
            <ul class="cards">
              {answer.signIns.map(({ kind: own, title, account }) => (
                <li key={own}>
                  <button
                    type="button"
                    data-row
                    aria-pressed={own === kind}
                    onClick={() => setQuery({ kind: own === kind ? undefined : own, way: undefined })}
                  >
                    <strong>{title}</strong>
                    <small>{w.accountsOf[own] ?? account}</small>
                  </button>
                </li>
              ))}
            </ul>
            {offer !== undefined && <Ways key={offer.kind} offer={offer} />}
          </section>
          <section aria-labelledby="files">
            <h2 id="files">{w.files}</h2>
            <AccountFiles />
          </section>
          <section aria-labelledby="api-keys">
            <h2 id="api-keys">{w.apiKeys}</h2>
            <KeyAdder
              offers={answer}
              chosen={query.value.get('keys') ?? ''}
              choose={(keys) => setQuery({ keys })}
            />
          </section>
        </>
      )}
    </>
  );
}

/** The ways of one provider, the usual one first. */
function Ways({ offer }: { offer: SignInOffer }) {
  const w = words.value.addAccount;
  const way = offer.ways.find((one) => one === query.value.get('way')) ?? offer.ways[0];
  const views = {
    browser: () => <SignInFlow key="browser" offer={offer} way="browser" />,
    device: () => <SignInFlow key="device" offer={offer} way="device" />,
    cookie: () => <CookieSignIn offer={offer} />,
    file: () => <p>{w.byFile}</p>,
  } satisfies Record<SignInOffer['ways'][number], () => ComponentChildren>;
  return (
    <section class="card" aria-label={offer.title}>
      <div class="tools">
        <h2>{offer.title}</h2>
        {offer.ways.length > 1 &&
          offer.ways.map((one) => (
            <button key={one} type="button" aria-pressed={one === way} onClick={() => setQuery({ way: one })}>
              {w.ways[one]}
            </button>
          ))}
      </div>
      {way !== undefined && views[way]()}
    </section>
  );
}
