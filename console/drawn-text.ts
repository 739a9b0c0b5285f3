/** Every text that the pages draw; what is copied, edited and sent stays as it is. */
import { options, type VNode } from 'preact';
import { withoutHidden } from './hidden-characters.ts';

/** Texts that are drawn, or read out, without standing in the page. */
const named = ['title', 'aria-label', 'placeholder', 'label'] as const;

/** From now on, for every text that is drawn. */
export function showHidden(): void {
  const before = options.vnode;
  options.vnode = (node: VNode) => {
    const { type, props } = node;
    const text: unknown = props;
    if (type === null && typeof text === 'string') Object.assign(node, { props: withoutHidden(text) });
    else if (typeof type === 'string') showIn(props);
    before?.(node);
  };
}

function showIn(props: object): void {
  for (const name of named) {
    const value: unknown = Reflect.get(props, name);
    if (typeof value === 'string') Reflect.set(props, name, withoutHidden(value));
  }
}
