/** The models that lists name without asking anybody, by the name of the API. */
import { accountKinds, accountProviders, keyLists } from '../src/providers/registry.ts';

const ofAccounts = accountKinds.flatMap((kind) => {
  const provider = accountProviders[kind];
  return provider.apis({ projects: ['project'] }, provider).map((api) => api.provider);
});
const apis = [...keyLists.map(([, { provider }]) => provider), ...ofAccounts];

export const shippedModels: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [...Map.groupBy(apis, ({ name }) => name)].map(([name, all]) => [
    name,
    all.flatMap(({ models }) => models),
  ]),
);
