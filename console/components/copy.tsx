import { useState } from 'preact/hooks';
import { words } from '../language.ts';
import { Icon } from './icon.tsx';
import { attempt } from './notice.ts';

/** Milliseconds for which it shows that it has copied. */
const saidFor = 1500;

function useCopy(text: () => string | Promise<string>): { done: boolean; copy(): Promise<void> } {
  const [done, setDone] = useState(false);
  const copy = (): Promise<void> =>
    attempt(async () => {
      await copied(await text());
      setDone(true);
      setTimeout(() => setDone(false), saidFor);
    });
  return { done, copy };
}

/** A button that copies a text, and confirms it. */
export function Copy({ text }: { text: string }) {
  const { done, copy } = useCopy(() => text);
  return (
    <button type="button" class="quiet" onClick={() => void copy()} aria-label={words.value.copy}>
      <Icon name="copy" />
      <span aria-live="polite">{done ? words.value.copied : ''}</span>
    </button>
  );
}

/** The same with a title; the text is made when it is wanted. */
export function CopyButton({ text, title }: { text: () => string | Promise<string>; title: string }) {
  const { done, copy } = useCopy(text);
  return (
    <button type="button" onClick={() => void copy()}>
      <span aria-live="polite">{done ? words.value.copied : title}</span>
    </button>
  );
}

/** Pages of an insecure address, of a gateway in a network of one's own, have no clipboard: a selection is copied there. */
async function copied(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  const open = document.querySelector('dialog[open]') ?? document.body;
  open.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error(words.value.copyFailed);
}
