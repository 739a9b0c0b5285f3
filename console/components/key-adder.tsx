/** API keys of a provider or of a service, many at once. What is typed goes to the gateway and never comes back. */
import { useState } from 'preact/hooks';
import type { Offers } from '../../src/console/wire.ts';
import { hrefOf } from '../address.ts';
import { ask, managed, reasonOf } from '../api.ts';
import { words } from '../language.ts';
import { State } from './state.tsx';
import { TextField } from './text-field.tsx';

const services = 'openai-compatibility';
/** The choice for a service without a known name. */
const other = 'other';

/** A list, or a service by its name. */
interface Choice {
  value: string;
  title: string;
  baseUrl: string | null;
  keyless: boolean;
  hint: string | null;
}

export function KeyAdder({
  offers,
  chosen,
  choose,
}: {
  offers: Offers;
  chosen: string;
  choose(value: string): void;
}) {
  const w = words.value.addAccount;
  const choices = choicesOf(offers);
  const choice = choices.find(({ value }) => value === chosen);
  const [text, setText] = useState('');
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [prefix, setPrefix] = useState('');
  const [problem, setProblem] = useState('');
  const [saved, setSaved] = useState(0);
  const isService = choice !== undefined && !offers.keys.some(({ list }) => list === choice.value);
  const keys = [
    ...new Set(
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ];

  const save = async (): Promise<void> => {
    const called = choice?.value === other ? name.trim() : choice?.value;
    const fields = {
      ...(isService && { name: called }),
      ...(address.trim() !== '' && { 'base-url': address.trim() }),
      ...(prefix.trim() !== '' && { prefix: prefix.trim() }),
    };
    setSaved(0);
    try {
      await ask(managed('provider-keys'), {
        method: 'POST',
        body: { list: isService ? services : choice?.value, keys, fields },
      });
      setText('');
      setProblem('');
      setSaved(keys.length);
    } catch (error) {
      setProblem(reasonOf(error));
    }
  };

  const line = (id: string, label: string, value: string, set: (text: string) => void, hint = '') => (
    <TextField id={id} label={label} value={value} set={set} placeholder={hint} />
  );

  return (
    <form
      class="fields"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="field">
        <label for="key-provider">{w.provider}</label>
        <select id="key-provider" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{w.choose}</option>
          <optgroup label={w.providers}>
            {offers.keys.map(({ list, title }) => (
              <option key={list} value={list}>
                {title}
              </option>
            ))}
          </optgroup>
          <optgroup label={w.services}>
            {offers.services.map(({ name: own, title }) => (
              <option key={own} value={own}>
                {title}
              </option>
            ))}
            <option value={other}>{w.otherService}</option>
          </optgroup>
        </select>
      </div>
      {choice !== undefined && (
        <>
          {choice.value === other && line('service-name', w.serviceName, name, setName)}
          {line(
            'base-url',
            choice.baseUrl === null ? w.baseUrl : w.baseUrlElse,
            address,
            setAddress,
            choice.baseUrl ?? 'https://…/v1',
          )}
          {line('prefix', w.prefix, prefix, setPrefix)}
          <div class="field whole">
            <label for="keys">{choice.keyless ? w.keysOptional : w.keys}</label>
            <textarea
              id="keys"
              rows={3}
              autocomplete="off"
              spellcheck={false}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            {choice.hint !== null && <small>{choice.hint}</small>}
          </div>
          <div class="tools">
            <button type="submit" disabled={keys.length === 0 && !choice.keyless && choice.value !== other}>
              {w.saveKeys(keys.length)}
            </button>
          </div>
        </>
      )}
      <div class="whole" role="status">
        {saved > 0 && (
          <>
            <State tone="good">{w.keysSaved(saved)}</State>{' '}
            <a href={hrefOf('accounts')}>{words.value.pages.accounts}</a>
          </>
        )}
        {problem !== '' && <p class="problem">{problem}</p>}
      </div>
    </form>
  );
}

function choicesOf({ keys, services: known }: Offers): Choice[] {
  const w = words.value.addAccount;
  return [
    ...keys.map(({ list, title, baseUrl, keyStart }) => ({
      ...{ value: list, title, baseUrl, keyless: false },
      hint: keyStart === null ? null : w.keyBegins(keyStart),
    })),
    ...known.map(({ name, title, baseUrl, keyless, notes }) => ({
      ...{ value: name, title, baseUrl, keyless },
      hint: notes,
    })),
    { value: other, title: w.otherService, baseUrl: null, keyless: false, hint: null },
  ];
}
