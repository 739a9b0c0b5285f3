interface Props {
  id: string;
  label: string;
  value: string;
  set(text: string): void;
  type?: 'number';
  placeholder?: string;
  inputMode?: 'text' | 'decimal';
  pattern?: string;
  min?: number;
  step?: number | 'any';
}

/** A field of a form: its label, and a line to type in. */
export function TextField({ id, label, set, type, ...input }: Props) {
  const kind = type === 'number' ? { type } : { type: 'text' as const };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...kind}
        autocomplete="off"
        {...input}
        id={id}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </div>
  );
}
