import type { SettingField } from '../../src/console/settings/wire.ts';
import { hrefOf } from '../address.ts';
import { words } from '../language.ts';

interface Props {
  field: SettingField;
  /** As it is to be: what is wanted, else what the file has; null where nothing is to be written. */
  value: unknown;
  set(value: unknown): void;
}

/** Pages that change what no field of a form has a place for. */
const ownPages: Readonly<Record<string, string>> = {
  'api-keys': 'keys',
  'model-routes': 'models?view=routes',
};

/** Where a setting is entered, by what it takes. */
export function SettingInput({ field, value, set }: Props) {
  const w = words.value.settings;
  const { key, kind, written } = field;
  const id = `setting-${key}`;
  const about = `${id}-about`;
  if (kind === 'yaml' || written?.as === 'other') {
    const page = ownPages[key] ?? `settings?view=yaml&key=${encodeURIComponent(key)}`;
    const entries = written?.as === 'other' ? written.entries : 0;
    return (
      <a id={id} href={hrefOf(page)}>
        {w.entries(entries)}
      </a>
    );
  }
  switch (kind) {
    case 'flag':
      return (
        <input
          type="checkbox"
          id={id}
          aria-describedby={about}
          checked={typeof value === 'boolean' ? value : field.default === true}
          onChange={(event) => set(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <select
          id={id}
          aria-describedby={about}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => set(event.currentTarget.value || null)}
        >
          <option value="">{w.asDefault(String(field.default ?? w.nothing))}</option>
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      );
    case 'lines':
      return (
        <textarea
          id={id}
          aria-describedby={about}
          rows={Math.min(8, Math.max(2, Array.isArray(value) ? value.length + 1 : 2))}
          placeholder={w.onePerLine}
          value={Array.isArray(value) ? value.join('\n') : ''}
          onChange={(event) => {
            const lines = event.currentTarget.value.split('\n').map((line) => line.trim());
            const full = lines.filter((line) => line !== '');
            set(full.length === 0 ? null : full);
          }}
        />
      );
    case 'secret':
      return (
        <input
          type="password"
          id={id}
          aria-describedby={about}
          autocomplete="new-password"
          placeholder={written === null ? w.notSet : w.secretSet}
          value={typeof value === 'string' ? value : ''}
          onInput={(event) => set(event.currentTarget.value || undefined)}
        />
      );
    case 'number':
    case 'text':
      return (
        <input
          type="text"
          inputMode={kind === 'number' ? 'decimal' : 'text'}
          id={id}
          aria-describedby={about}
          autocomplete="off"
          placeholder={field.default === null ? w.notSet : String(field.default)}
          value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
          onInput={(event) => set(entered(event.currentTarget.value, field))}
        />
      );
  }
}

/** Spans of time and sizes may be bare numbers. */
function entered(text: string, { kind, expects }: SettingField): string | number | null {
  if (text.trim() === '') return null;
  const isAmount = kind === 'number' || /^(a span of time|an amount)/.test(expects);
  return isAmount && /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}
