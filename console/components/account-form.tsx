import { useState } from 'preact/hooks';
import type { OwnerFields } from '../../src/console/wire.ts';
import { budgetFields, budgetIn, budgetTexts, listIn, numberIn } from '../form-values.ts';
import { words } from '../language.ts';
import { TextField } from './text-field.tsx';

/** What has changed, by the names of the API; null takes a setting away. */
export type AccountChanges = Record<string, unknown>;

interface Props {
  owner: OwnerFields;
  /** An account file has other names for its fields than a key of the configuration. */
  isFile: boolean;
  save(changes: AccountChanges): Promise<void>;
  close(): void;
}

const texts = ['note', 'prefix', 'proxy', 'excludedModels'] as const;
const numbers = ['priority', 'weight', 'concurrency', 'queue', 'requestRetry'] as const;
type Name = (typeof texts)[number] | (typeof numbers)[number] | (typeof budgetFields)[number];

const fileNames = {
  ...{ note: 'note', prefix: 'prefix', proxy: 'proxy_url', excludedModels: 'excluded_models' },
  ...{ priority: 'priority', weight: 'weight', concurrency: 'concurrency', queue: 'queue' },
  requestRetry: 'request_retry',
} as const;
const keyNames = {
  ...fileNames,
  ...{ note: 'name', proxy: 'proxy-url', excludedModels: 'excluded-models', requestRetry: 'request-retry' },
} as const;

/** The owner's settings of a credential. Only changed ones are sent. */
export function AccountForm({ owner, isFile, save, close }: Props) {
  const w = words.value.account;
  const before = shown(owner);
  const [fields, setFields] = useState(before);
  const [cooling, setCooling] = useState(owner.disableCooling === true);
  const field = (name: Name, inputMode: 'text' | 'decimal') => (
    <TextField
      key={name}
      id={`account-${name}`}
      label={name === 'note' && !isFile ? w.keyName : w.fields[name]}
      inputMode={inputMode}
      {...(inputMode === 'decimal' && { pattern: '-?([0-9]+[.]?[0-9]*|[.][0-9]+)' })}
      value={fields[name]}
      set={(text) => setFields({ ...fields, [name]: text })}
    />
  );
  const changes = (): AccountChanges => {
    const names = isFile ? fileNames : keyNames;
    const changed: AccountChanges = {};
    for (const name of texts)
      if (fields[name] !== before[name])
        changed[names[name]] = name === 'excludedModels' ? listIn(fields[name]) : fields[name].trim() || null;
    for (const name of numbers)
      if (fields[name] !== before[name]) changed[names[name]] = numberIn(fields[name]);
    if (budgetFields.some((name) => fields[name] !== before[name])) changed.budget = budgetIn(fields);
    if (isFile && cooling !== (owner.disableCooling === true)) changed.disable_cooling = cooling || null;
    return changed;
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void save(changes());
      }}
    >
      {texts.map((name) => field(name, 'text'))}
      {[...numbers, ...budgetFields].map((name) => field(name, 'decimal'))}
      {isFile && (
        <label class="check">
          <input
            type="checkbox"
            checked={cooling}
            onChange={(event) => setCooling(event.currentTarget.checked)}
          />{' '}
          {w.fields.disableCooling}
        </label>
      )}
      <div class="tools">
        <button type="submit">{words.value.keys.save}</button>
        <button type="button" onClick={close}>
          {words.value.close}
        </button>
      </div>
    </form>
  );
}

function shown(owner: OwnerFields): Record<Name, string> {
  const text = (value: string | number | null): string => (value === null ? '' : String(value));
  return {
    note: text(owner.note),
    prefix: text(owner.prefix),
    proxy: text(owner.proxy),
    excludedModels: owner.excludedModels.join(', '),
    priority: text(owner.priority),
    weight: text(owner.weight),
    concurrency: text(owner.concurrency),
    queue: text(owner.queue),
    requestRetry: text(owner.requestRetry),
    ...budgetTexts(owner.budget),
  };
}
