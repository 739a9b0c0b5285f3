/** Keys of the file, switched off and on as the peer's clients do: `*` among the models that are excluded. */

import { type Group, isGroup } from '../config-file/entry-match.ts';
import { entriesIn, withEntries } from '../config-file/layout.ts';
import { keyLists } from '../providers/registry.ts';
import { entryIndexes } from './key-index.ts';
import { changed, expandedValue, fileOf } from './managed-config.ts';
import type { ProviderKeysDeps } from './provider-keys.ts';
import type { Reply } from './reply.ts';
import type { Asked } from './route.ts';

const everyModel = '*';
const lists = [...keyLists.map(([list]) => list), 'interactions-api-key'];

/** Undefined where no key of the file has this `auth-index`, or there is no file. */
export async function keySwitched(
  deps: ProviderKeysDeps,
  asked: Pick<Asked, 'caller' | 'request'>,
  index: string,
  disabled: boolean,
): Promise<Reply | undefined> {
  if (deps.configFile() === undefined) return undefined;
  const { inForce } = fileOf(deps);
  const { said, variables } = inForce();
  const written = isGroup(said) ? said : {};
  for (const list of lists) {
    const indexed = entryIndexes(deps.config(), list);
    const isMeant = (entry: Group) => {
      const shown = expandedValue(entry, variables);
      return isGroup(shown) && indexed(shown)['auth-index'] === index;
    };
    if (!entriesIn(written, list).some(isMeant)) continue;
    return changed(
      deps,
      asked,
      `${list}: one key switched ${disabled ? 'off' : 'on'}`,
      (before) =>
        withEntries(
          before,
          list,
          entriesIn(before, list).map((entry) => (isMeant(entry) ? switched(entry, disabled) : entry)),
        ),
      { body: { status: 'ok', disabled } },
    );
  }
  return undefined;
}

function switched(entry: Group, disabled: boolean): Group {
  const { 'excluded-models': excluded, ...others } = entry;
  const kept: unknown[] = Array.isArray(excluded) ? excluded.filter((model) => model !== everyModel) : [];
  const next = disabled ? [...kept, everyModel] : kept;
  return next.length === 0 ? others : { ...entry, 'excluded-models': next };
}
