/** Which addresses below `/console/` are pages. The browser's table of pages has a view for each; others answer 404. */

/** Pages that the navigation lists, by their path. */
export const pageNames = [
  '',
  'requests',
  'accounts',
  'keys',
  'models',
  'usage',
  'play',
  'settings',
  'logs',
  'system',
] as const;

export type PageName = (typeof pageNames)[number];

/** Lists of which each thing has a page of its own, by its id. */
const listsOfPages: readonly string[] = ['requests', 'accounts'] satisfies PageName[];

/** `path` is the part after `/console/`, without its query. */
export function isPage(path: string): boolean {
  const [name = '', id, ...deeper] = path.split('/');
  if (id === undefined) return pageNames.some((known) => known === name);
  return listsOfPages.includes(name) && id !== '' && deeper.length === 0;
}
