/** People who sign in to Google, at a server on loopback that answers for it. */

import { expect } from 'bun:test';
import type { Identified } from '../src/providers/account-provider.ts';
import { accountProviders } from '../src/providers/registry.ts';
import { accountApi, type Routes, signInDeps, type TestDeps, tokenReply } from './account-api.ts';

export const userinfo = 'GET /oauth2/v1/userinfo';
export const load = 'POST /v1internal:loadCodeAssist';
export const onboarding = 'POST /v1internal:onboardUser';
export const projectList = 'GET /v1/projects';
export const service = (project: string) =>
  `/v1/projects/${project}/services/cloudaicompanion.googleapis.com`;
export const on = { state: 'ENABLED' };
export const freeTier = [{ id: 'standard-tier' }, { id: 'free-tier', isDefault: true }];
export const paidTier = [{ id: 'standard-tier', isDefault: true }];
export const done = (project: string) => ({
  done: true,
  response: { cloudaicompanionProject: { id: project } },
});

/** Signs in to an account whose servers answer by `routes`; no call or line of it may have a token of the sign-in in it. */
export async function signIn(
  kind: 'gemini' | 'antigravity',
  routes: Routes,
  deps: TestDeps = signInDeps(),
): Promise<{ identified: Identified; calls: (what: string) => unknown[]; whats: string[] }> {
  using api = accountApi({ [userinfo]: { email: 'ann@example.com' }, ...routes });
  const { oauth, identify } = accountProviders[kind];
  if (oauth === undefined) throw new Error(`${kind} has no client`);
  const client = { ...oauth, userinfoUrl: `${api.url}/oauth2/v1/userinfo?alt=json` };
  const identified = await identify(tokenReply(), client, { baseUrl: api.url }, deps);
  expect(api.calls.map(({ authorization, userAgent }) => [authorization, userAgent])).toEqual(
    api.calls.map(() => ['Bearer canary-access-token', 'cli-proxy-api/test']),
  );
  expect(JSON.stringify([identified, deps.lines])).not.toContain('canary');
  return {
    identified,
    calls: (what) => api.callsOf(what).map(({ body }) => body),
    whats: api.calls.map(({ what }) => what),
  };
}

export function messageOf(identified: Identified): string {
  return identified.ok ? '' : identified.failure.message;
}

export const twoProjects = {
  projects: [
    { projectId: 'one', name: 'One' },
    { projectId: 'gone', name: 'Gone', lifecycleState: 'DELETE_REQUESTED' },
  ],
  nextPageToken: 'page 2',
};
export const secondPage = { projects: [{ projectId: 'two', name: 'two' }] };
