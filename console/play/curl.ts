/** A question of the playground, or a request like it, as a line for a terminal. */
import { root } from '../address.ts';
import { curlLine } from '../curl-line.ts';
import { type Protocol, spoken } from './protocols.ts';
import type { Asked } from './run.ts';

export function curlOf({ protocol, model, prompt }: Asked): string {
  return curlFor(protocol, model, JSON.stringify(spoken[protocol].body(model, prompt)), prompt.stream);
}

/** With a body that is there already. */
export function curlFor(protocol: Protocol, model: string, body: string, streams: boolean): string {
  const { path, headers = {} } = spoken[protocol];
  return curlLine({ url: new URL(`../${path(model, streams)}`, root).href, headers, body, streams });
}
