/** YAML: what does not change stays as it is, byte for byte. */

import { parse } from 'yaml';
import { isGroup } from '../../config/group.ts';
import { editedText } from '../../config-file/edit-text.ts';
import { type Change, changed, UneditableFile } from './change.ts';

export function readYaml(text: string): unknown {
  try {
    const value: unknown = parse(text);
    return value ?? {};
  } catch {
    throw new UneditableFile('it is not YAML');
  }
}

export function editYaml(text: string, change: Change): string {
  const edit = editedText(text, (said) => {
    const next = changed(said, change);
    return isGroup(next) ? next : said;
  });
  if (edit.ok) return edit.text;
  throw new UneditableFile(
    edit.reason === 'unreadable'
      ? 'it holds no settings by name'
      : `"${change.path.join('.')}" has no place in the way it is written`,
  );
}
