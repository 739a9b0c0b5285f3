interface Props<Name extends string> {
  label: string;
  tabs: readonly { name: Name; title: string }[];
  chosen: Name | undefined;
  choose(name: Name): void;
  /** One below the other, where there is room. */
  upright?: boolean;
}

/** One of several views of the same thing. */
export function Tabs<Name extends string>({ label, tabs, chosen, choose, upright = false }: Props<Name>) {
  return (
    <div role="group" aria-label={label} class={upright ? 'tabs upright' : 'tabs'}>
      {tabs.map(({ name, title }) => (
        <button key={name} type="button" aria-pressed={name === chosen} onClick={() => choose(name)}>
          {title}
        </button>
      ))}
    </div>
  );
}
