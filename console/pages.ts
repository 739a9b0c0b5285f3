/** Every page of the console: a file, and a line here. A page knows no other. */
import type { ComponentType } from 'preact';
import type { PageName } from '../src/console/page-names.ts';
import type { IconName } from './components/icon.tsx';
import { lazyView } from './components/lazy-view.tsx';
import { Account } from './pages/account.tsx';
import { Accounts } from './pages/accounts.tsx';
import { AddAccount } from './pages/add-account.tsx';
import { Keys } from './pages/keys.tsx';
import { Logs } from './pages/logs.tsx';
import { Models } from './pages/models.tsx';
import { Overview } from './pages/overview.tsx';
import { Request } from './pages/request.tsx';
import { Requests } from './pages/requests.tsx';
import { System } from './pages/system.tsx';
import { Usage } from './pages/usage.tsx';
import type { Words } from './words/en.ts';

export interface Page {
  /** Below the console's folder; those that begin with it are its own, too. */
  path: PageName;
  /** After `g`. */
  key: string;
  icon: IconName;
  title: keyof Words['pages'];
  /** Shown in the bar of narrow screens. */
  daily: boolean;
  view: ComponentType;
}

export const pages: readonly Page[] = [
  { path: '', key: 'o', icon: 'pulse', title: 'overview', daily: true, view: Overview },
  { path: 'requests', key: 'r', icon: 'list', title: 'requests', daily: true, view: Requests },
  { path: 'accounts', key: 'a', icon: 'users', title: 'accounts', daily: true, view: Accounts },
  { path: 'keys', key: 'k', icon: 'key', title: 'keys', daily: false, view: Keys },
  { path: 'models', key: 'm', icon: 'box', title: 'models', daily: false, view: Models },
  { path: 'usage', key: 'u', icon: 'chart', title: 'usage', daily: true, view: Usage },
  {
    path: 'play',
    key: 'p',
    icon: 'play',
    title: 'playground',
    daily: false,
    view: lazyView(async () => (await import('./pages/playground.tsx')).Playground),
  },
  {
    path: 'settings',
    key: 's',
    icon: 'gear',
    title: 'settings',
    daily: false,
    view: lazyView(async () => (await import('./pages/settings.tsx')).Settings),
  },
  { path: 'logs', key: 'l', icon: 'text', title: 'logs', daily: false, view: Logs },
  { path: 'system', key: 'y', icon: 'server', title: 'system', daily: false, view: System },
];

/** Pages that the navigation does not list: one thing of a list. */
const single: readonly { pattern: RegExp; view: ComponentType }[] = [
  { pattern: /^requests\/[^/]+$/, view: Request },
  { pattern: /^accounts\/add$/, view: AddAccount },
  { pattern: /^accounts\/[^/]+$/, view: Account },
];

export function viewOf(path: string): ComponentType | undefined {
  return (
    pages.find((page) => page.path === path)?.view ?? single.find(({ pattern }) => pattern.test(path))?.view
  );
}
