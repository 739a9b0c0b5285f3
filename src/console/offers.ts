/** Every way to add a credential, as the records of the providers have it. */
import { accountKinds, accountProviders, keyLists, services } from '../providers/registry.ts';
import type { Offers } from './wire.ts';

export function offers(): Offers {
  return {
    signIns: accountKinds.map((kind) => {
      const { title, account, signIn, cookieSignIn, forProjects } = accountProviders[kind];
      return {
        ...{ kind, title, account, ways: signIn },
        cookieSite: cookieSignIn?.site ?? null,
        forProjects: forProjects === true,
      };
    }),
    keys: keyLists.map(([list, { provider, baseUrl, keyStart = null }]) => ({
      ...{ list, baseUrl, keyStart },
      title: provider.title,
    })),
    services: Object.entries(services).map(([name, { title, baseUrl, keyless, notes }]) => ({
      ...{ name, title },
      baseUrl: baseUrl ?? null,
      keyless: keyless === true,
      notes: notes ?? null,
    })),
  };
}
