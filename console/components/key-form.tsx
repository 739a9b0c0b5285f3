import { useState } from 'preact/hooks';
import type { ListedClientKey } from '../../src/management/client-keys.ts';
import { budgetFields, budgetIn, budgetTexts, listIn, numberIn } from '../form-values.ts';
import { words } from '../language.ts';
import { TextField } from './text-field.tsx';

/** What has changed, by the names of the API; null takes a setting away. */
export type KeyChanges = Record<string, unknown>;

interface Props {
  /** The key that is changed; a new one without it. */
  row?: ListedClientKey;
  save(changes: KeyChanges): Promise<void>;
  close(): void;
}

const texts = ['name', 'note', 'expires'] as const;
const lists = ['models', 'providers'] as const;
const numbers = ['perMinute', 'tokensPerMinute', 'concurrency'] as const;
const apiNames = {
  perMinute: 'requests-per-minute',
  tokensPerMinute: 'tokens-per-minute',
  concurrency: 'concurrency',
} as const;
const hints = { expires: '2027-12-31', models: 'claude-*, gpt-*', providers: 'claude, openai' } as const;

type Name =
  | (typeof texts)[number]
  | (typeof lists)[number]
  | (typeof numbers)[number]
  | (typeof budgetFields)[number];

/** Name and note of a client key; its expiry, its limits and its budgets are folded away while it has none. Only what has changed is sent. */
export function KeyForm({ row, save, close }: Props) {
  const w = words.value.keys;
  const [before] = useState(() => textsOf(row));
  const [fields, setFields] = useState(before);
  const isLimited = Object.entries(before).some(
    ([name, value]) => name !== 'name' && name !== 'note' && value !== '',
  );
  const hasChanged = (name: Name): boolean => fields[name].trim() !== before[name];
  const changes = (): KeyChanges => ({
    ...Object.fromEntries(texts.filter(hasChanged).map((name) => [name, fields[name].trim() || null])),
    ...Object.fromEntries(lists.filter(hasChanged).map((name) => [name, listIn(fields[name])])),
    ...Object.fromEntries(numbers.filter(hasChanged).map((name) => [apiNames[name], numberIn(fields[name])])),
    ...(budgetFields.some(hasChanged) && { budget: budgetIn(fields) }),
  });
  const lineOf = (name: Name) => ({
    id: `key-${name}`,
    label: isBudget(name) ? words.value.account.fields[name] : w.fields[name],
    value: fields[name],
    set: (text: string) => setFields({ ...fields, [name]: text }),
  });
  const textField = (name: (typeof texts)[number] | (typeof lists)[number], hint = '') => (
    <TextField key={name} {...lineOf(name)} placeholder={hint} />
  );
  const numberField = (name: (typeof numbers)[number] | (typeof budgetFields)[number]) => (
    <TextField
      key={name}
      {...lineOf(name)}
      type="number"
      {...(name.endsWith('Usd') ? { min: 0, step: 'any' } : { min: 1 })}
    />
  );
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        const changed = changes();
        // Nothing to write of a key that is there already.
        if (row !== undefined && Object.keys(changed).length === 0) close();
        else void save(changed);
      }}
    >
      {textField('name')}
      {textField('note')}
      <details
        class="whole"
        open={isLimited}
        onInvalidCapture={(event) => {
          // What is wrong in there is pointed at by the browser, once it is seen.
          event.currentTarget.open = true;
        }}
      >
        <summary>{w.more}</summary>
        <div class="fields">
          {(['expires', ...lists] as const).map((name) => textField(name, hints[name]))}
          {[...numbers, ...budgetFields].map(numberField)}
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

function isBudget(name: Name): name is (typeof budgetFields)[number] {
  return budgetFields.some((one) => one === name);
}

function textsOf(row: ListedClientKey | undefined): Record<Name, string> {
  return {
    name: row?.name ?? '',
    note: row?.note ?? '',
    expires: row?.expires ?? '',
    models: row?.models.join(', ') ?? '',
    providers: row?.providers.join(', ') ?? '',
    perMinute: String(row?.perMinute ?? ''),
    tokensPerMinute: String(row?.tokensPerMinute ?? ''),
    concurrency: String(row?.concurrency ?? ''),
    ...budgetTexts(row?.budget),
  };
}
