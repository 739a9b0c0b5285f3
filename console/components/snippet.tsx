import { Copy } from './copy.tsx';

/** A line to paste somewhere. */
export function Snippet({ text }: { text: string }) {
  return (
    <div class="snippet">
      <pre tabIndex={0}>{text}</pre>
      <Copy text={text} />
    </div>
  );
}
