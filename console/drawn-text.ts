/** Every text that the pages draw; what is copied, edited and sent stays as it is. */
import { options, type VNode } from 'preact';
import { withoutHidden } from './hidden-characters.ts';

/** From now on, for every text that is drawn. */
export function showHidden(): void {
  const before = options.vnode;
  options.vnode = (node: VNode) => {
    const text: unknown = node.props;
    if (node.type === null && typeof text === 'string') Object.assign(node, { props: withoutHidden(text) });
    before?.(node);
  };
}
