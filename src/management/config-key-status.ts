/** Keys of the file, switched off and on as the peer's clients do: `*` among the models that are excluded. */
import { type Group, isGroup } from '../config/group.ts';
import { entriesIn, withEntries } from '../config-file/layout.ts';
import { entryByIndex } from './key-entry.ts';
import { changed, fileOf } from './managed-config.ts';
import type { ProviderKeysDeps } from './provider-keys.ts';
import type { Reply } from './reply.ts';
import type { Asked } from './route.ts';

const everyModel = '*';

/** Undefined where no key of the file has this `auth-index`, or there is no file. Of a service, all keys are switched. */
export async function keySwitched(
  deps: ProviderKeysDeps,
  asked: Pick<Asked, 'caller' | 'request'>,
  index: string,
  disabled: boolean,
): Promise<Reply | undefined> {
  if (deps.configFile() === undefined) return undefined;
  const { contents, variables } = fileOf(deps).inForce();
  const found = (file: Group) => entryByIndex(deps.config(), file, variables, index);
  const meant = found(isGroup(contents) ? contents : {});
  if (meant === undefined) return undefined;
  return changed(
    deps,
    asked,
    `${meant.list}: one key switched ${disabled ? 'off' : 'on'}`,
    (before) => {
      const now = found(before);
      if (now === undefined) return before;
      const { list, at, entry } = now;
      return withEntries(before, list, entriesIn(before, list).with(at, switched(entry, disabled)));
    },
    { body: { status: 'ok', disabled } },
  );
}

function switched(entry: Group, disabled: boolean): Group {
  const { 'excluded-models': excluded, ...others } = entry;
  const kept: unknown[] = Array.isArray(excluded) ? excluded.filter((model) => model !== everyModel) : [];
  const next = disabled ? [...kept, everyModel] : kept;
  return next.length === 0 ? others : { ...entry, 'excluded-models': next };
}
