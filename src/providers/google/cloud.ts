/** A person's own projects in Google Cloud, and whether the API of Code Assist is on in one. */

import type { Json } from '../../protocols/json.ts';
import { asObject, asObjects, asString } from '../../protocols/json-members.ts';
import { type AccountAnswer, callAccountApi } from '../account-call.ts';
import { type GoogleLogin, refusedStep, type Step } from './code-assist.ts';
import { readGoogleError } from './refusal.ts';

/** The default address of Code Assist; a configured one replaces all of Google's. */
export const codeAssistUrl = 'https://cloudcode-pa.googleapis.com';
const companion = 'cloudaicompanion.googleapis.com';

export interface CloudProject {
  id: string;
  name: string;
}

/** Pages of the project list that are read at most. */
const pageLimit = 20;

/** The projects that the account may see, in the order that Google gives. */
export async function listProjects(login: GoogleLogin): Promise<Step<CloudProject[]>> {
  const projects: CloudProject[] = [];
  let page: string | undefined;
  for (let count = 0; count < pageLimit; count++) {
    const query = page === undefined ? '' : `?pageToken=${encodeURIComponent(page)}`;
    const answer = await call(login, 'cloudresourcemanager', `/v1/projects${query}`);
    if (!answer.ok) return answer;
    const reply = asObject(answer.body);
    if (answer.status !== 200 || reply === undefined)
      return refusedStep(login.email, 'the list of projects', readGoogleError(answer.body), answer.status);
    for (const project of asObjects(reply.projects)) {
      const id = asString(project.projectId);
      const active = asString(project.lifecycleState) ?? 'ACTIVE';
      if (id !== undefined && active === 'ACTIVE') projects.push({ id, name: asString(project.name) ?? id });
    }
    page = asString(reply.nextPageToken) || undefined;
    if (page === undefined) break;
  }
  return { ok: true, value: projects };
}

/**
 * Makes sure that the API is on. In a project that Google made for the account (`assigned`) the person has no rights to
 * look, and needs none: then Google's word that the project is set up is enough.
 */
export async function ensureApi(
  login: GoogleLogin,
  project: string,
  assigned: boolean,
): Promise<Step<undefined>> {
  const path = `/v1/projects/${encodeURIComponent(project)}/services/${companion}`;
  const state = await call(login, 'serviceusage', path);
  if (!state.ok) return state;
  if (asString(asObject(state.body)?.state) === 'ENABLED') return { ok: true, value: undefined };
  if (assigned && (state.status === 403 || state.status === 404)) return { ok: true, value: undefined };
  login.deps.progress(`Turning on the Gemini API (${companion}) in ${project} …`);
  const enabled = await call(login, 'serviceusage', `${path}:enable`, {});
  if (!enabled.ok) return enabled;
  if (enabled.status === 200 || enabled.status === 201) return { ok: true, value: undefined };
  if (enabled.status === 400 && /already enabled/i.test(enabled.text)) return { ok: true, value: undefined };
  const error = readGoogleError(enabled.body);
  return refusedStep(
    login.email,
    `to turn on ${companion} in the project ${project}`,
    error.links.length > 0 ? error : { ...error, links: [activationPage(project)] },
    enabled.status,
  );
}

function activationPage(project: string): string {
  return `https://console.cloud.google.com/apis/library/${companion}?project=${encodeURIComponent(project)}`;
}

function call(
  { accessToken, baseUrl, deps }: GoogleLogin,
  service: 'cloudresourcemanager' | 'serviceusage',
  path: string,
  body?: Json,
): Promise<AccountAnswer> {
  const origin = baseUrl === codeAssistUrl ? `https://${service}.googleapis.com` : baseUrl;
  const request = { server: 'Google', url: origin + path, accessToken };
  return callAccountApi(body === undefined ? request : { ...request, body }, deps);
}
