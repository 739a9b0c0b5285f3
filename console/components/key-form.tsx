import { useState } from 'preact/hooks';
import type { ListedClientKey } from '../../src/management/client-keys.ts';
import { words } from '../language.ts';

/** As the gateway takes them: null takes a setting away. */
export type KeySettings = Record<string, string | number | string[] | null>;

interface Props {
  /** The key that is changed; a new one without it. */
  row?: ListedClientKey;
  save(settings: KeySettings): Promise<void>;
  close(): void;
}

const numbers = {
  perMinute: 'requests-per-minute',
  tokensPerMinute: 'tokens-per-minute',
  concurrency: 'concurrency',
} as const;
const numberNames = ['perMinute', 'tokensPerMinute', 'concurrency'] as const;

/** Name and note of a client key; its end and its limits are folded away while it has none. */
export function KeyForm({ row, save, close }: Props) {
  const w = words.value.keys;
  const [fields, setFields] = useState({
    name: row?.name ?? '',
    note: row?.note ?? '',
    expires: row?.expires ?? '',
    models: row?.models.join(', ') ?? '',
    providers: row?.providers.join(', ') ?? '',
    perMinute: String(row?.perMinute ?? ''),
    tokensPerMinute: String(row?.tokensPerMinute ?? ''),
    concurrency: String(row?.concurrency ?? ''),
  });
  const [isLimited] = useState(
    Object.entries(fields).some(([name, value]) => name !== 'name' && name !== 'note' && value !== ''),
  );
  const listOf = (text: string): string[] | null => {
    const names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    return names.length === 0 ? null : names;
  };
  const settings = (): KeySettings => ({
    name: fields.name.trim() || null,
    note: fields.note.trim() || null,
    expires: fields.expires.trim() || null,
    models: listOf(fields.models),
    providers: listOf(fields.providers),
    ...Object.fromEntries(
      numberNames.map((name) => [numbers[name], fields[name] === '' ? null : Number(fields[name])]),
    ),
  });
  const field = (name: keyof typeof fields, type: 'text' | 'number', hint = '') => (
    <div key={name} class="field">
      <label for={`key-${name}`}>{w.fields[name]}</label>
      {type === 'number' ? (
        <input
          type="number"
          id={`key-${name}`}
          min={1}
          value={fields[name]}
          onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
        />
      ) : (
        <input
          type="text"
          id={`key-${name}`}
          placeholder={hint}
          value={fields[name]}
          onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
        />
      )}
    </div>
  );
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void save(settings());
      }}
    >
      {field('name', 'text')}
      {field('note', 'text')}
      <details class="whole" open={isLimited}>
        <summary>{w.more}</summary>
        <div class="fields">
          {field('expires', 'text', '2027-12-31')}
          {field('models', 'text', 'claude-*, gpt-*')}
          {field('providers', 'text', 'claude, openai')}
          {numberNames.map((name) => field(name, 'number'))}
        </div>
      </details>
      <div class="tools">
        <button type="submit">{w.save}</button>
        <button type="button" onClick={close}>
          {words.value.close}
        </button>
      </div>
    </form>
  );
}
