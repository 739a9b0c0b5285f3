import { useState } from 'preact/hooks';
import { words } from '../language.ts';
import { Icon } from './icon.tsx';

/** A button that copies a text, and says that it has. */
export function Copy({ text }: { text: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" class="quiet" onClick={() => void copy()} aria-label={words.value.copy}>
      <Icon name="copy" />
      <span aria-live="polite">{done ? words.value.copied : ''}</span>
    </button>
  );
}
