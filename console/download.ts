/** Saves what the gateway sends as a file: a plain link would lack the header that the console's API wants. */
import { root } from './address.ts';
import { errorIn } from './api.ts';

/** With a `body` it is posted. Throws the server's sentence where there is nothing to save. */
export async function download(place: string, name: string, body?: unknown): Promise<void> {
  const answer = await fetch(new URL(`api/${place}`, root), {
    headers: { 'x-console': '1', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(errorIn(await answer.text(), answer.status).error);
  saveAs(await answer.blob(), name);
}

export function saveAs(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
