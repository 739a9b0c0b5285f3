/** What a server without plugins answers to questions about them: theirs are native modules of another runtime. */
import { json, refuse } from './reply.ts';
import { type Method, type Route, route } from './route.ts';

const without = { plugins_enabled: false, plugins_dir: '', plugins: [] };

/** Addresses of one plugin, none of which is there. */
const ofOne: readonly (readonly [Method, { v0?: string; v8?: string }])[] = [
  ['GET', { v0: 'plugins/:id/config' }],
  ['PUT', { v0: 'plugins/:id/config' }],
  ['PATCH', { v0: 'plugins/:id/config' }],
  ['PATCH', { v0: 'plugins/:id/enabled' }],
  ['DELETE', { v0: 'plugins/:id', v8: 'plugins/:id' }],
  ['POST', { v0: 'plugin-store/:id/install', v8: 'plugins/store/:id/install' }],
  ['GET', { v0: 'plugins/:id/quota', v8: 'plugins/:id/quota' }],
  ['POST', { v0: 'plugins/:id/quota', v8: 'plugins/:id/quota' }],
  ['DELETE', { v0: 'plugins/:id/quota', v8: 'plugins/:id/quota' }],
];

export function pluginRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'plugins',
      answers: 'plugins',
      v8: 'plugins',
      sentence: 'No plugins: this gateway has none.',
      run: () => json(without),
    }),
    route({
      method: 'GET',
      v0: 'plugin-store',
      answers: 'pluginStore',
      v8: 'plugins/store',
      sentence: 'No store of plugins either; no server is queried.',
      run: () => json({ ...without, sources: [] }),
    }),
    ...ofOne.map(([method, places]) =>
      route({
        method,
        ...places,
        answers: {},
        refuses: { 404: ['plugin_not_found'] },
        sentence: 'There is no such plugin.',
        run: () =>
          refuse(404, 'plugin_not_found', {
            code: 'plugin_not_found',
            message: 'plugin not found: this gateway has no plugins',
          }),
      }),
    ),
  ];
}
