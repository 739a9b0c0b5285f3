/** Whether there is a newer version. No server is asked: the answer is the running version. */
import { json } from './reply.ts';
import { type Route, route } from './route.ts';

export function versionRoutes({ version }: { version: string }): Route[] {
  return [
    route({
      method: 'GET',
      v0: 'latest-version',
      answers: 'latestVersion',
      v8: 'server/latest-version',
      sentence: 'The running version. No server is queried for a newer one.',
      run: () =>
        json({
          'latest-version': `v${version}`,
          checked: false,
          message: 'This is the running version: no server is queried for newer ones.',
        }),
    }),
  ];
}
