/** A question of the playground, or a request like it, as a line for a terminal. */
import { root } from '../address.ts';
import { curlLine } from '../curl-line.ts';
import { type Protocol, protocols, spoken } from './protocols.ts';
import type { Asked } from './run.ts';

export function curlOf({ protocol, model, prompt }: Asked): string {
  return line(protocol, model, JSON.stringify(spoken[protocol].body(model, prompt)), prompt.stream);
}

/** Without a body it asks something short. `client` is the protocol as the gateway calls it. */
export function curlFor(client: string, model: string, body: string | undefined): string {
  const protocol = protocols.find((one) => one === client) ?? 'openai-chat';
  return body === undefined
    ? curlOf({ protocol, model, prompt: something, keyId: undefined })
    : line(protocol, model, body, /"stream":\s*true/.test(body));
}

const something: Asked['prompt'] = {
  ...{ system: '', text: 'Hello', image: undefined, temperature: undefined },
  ...{ effort: '', maxTokens: undefined, tools: [], stream: false },
};

function line(protocol: Protocol, model: string, body: string, streams: boolean): string {
  const { path, headers = {} } = spoken[protocol];
  return curlLine({ url: new URL(`../${path(model, streams)}`, root).href, headers, body, streams });
}
