/** Saves what the gateway sends as a file: a plain link would lack the header that the console's API wants. */
import { root } from './address.ts';

export async function download(place: string, name: string): Promise<void> {
  const answer = await fetch(new URL(`api/${place}`, root), { headers: { 'x-console': '1' } });
  if (!answer.ok) throw new Error(`The gateway answered with status ${answer.status}.`);
  saveAs(await answer.blob(), name);
}

export function saveAs(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
