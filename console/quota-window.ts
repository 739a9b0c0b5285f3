/** Quota windows by names that people know: how long they are, where that is known. */
import type { ListedQuota } from '../src/management/quota-list.ts';
import { span } from './format.ts';

type Named = Pick<ListedQuota, 'window' | 'model' | 'length'>;

/** Names that say no more than which of several it is, or how long. */
const saysLength = /^(?:primary|secondary|\d+\s?[mhdw])$/i;

/** `5 h`, `7 d · opus`; a more specific name of the provider's precedes it. */
export function windowName({ window, model, length }: Named): string {
  const long = length === undefined ? undefined : span(length / 1000);
  const name = long === undefined ? window : saysLength.test(window) ? long : `${window} (${long})`;
  return model === null ? name : `${name} · ${model}`;
}
