/** Which endpoint of a provider's account servers a path is. */
import type { AccountCall } from './account-deps.ts';
import { authorize } from './authorize.ts';
import { fetchAvailableModels, loadCodeAssist, onboardUser } from './code-assist.ts';
import { devicePage, pollCodexDevice, startDevice } from './device.ts';
import { apiKeyEndpoint, apiKeyPath, platformPage, platformPath } from './iflow-platform.ts';
import { page } from './page.ts';
import { demandPerson, discovery, keySet, projectList, serviceUsage, userinfo } from './profiles.ts';
import { quotaReport } from './quota-report.ts';
import { services } from './services.ts';
import { tokenEndpoint } from './token.ts';

const serviceUsagePath = /^\/v1\/projects\/([^/]+)\/services\/cloudaicompanion\.googleapis\.com(:enable)?$/;

/** The answer of a login endpoint; undefined for paths that belong to the API or to nobody. */
export async function accountServer(call: AccountCall): Promise<Response | undefined> {
  const { request, path, name } = call;
  const { paths } = services[name];
  const post = request.method === 'POST';
  if (!post && request.method !== 'GET') return undefined;
  switch (path) {
    case paths.authorize:
      return authorize(call);
    case paths.devicePage:
      return devicePage(call);
    case paths.token:
      return post ? tokenEndpoint(call) : undefined;
    case paths.device:
      return post ? startDevice(call) : undefined;
    case paths.userinfo:
      return post ? undefined : userinfo(call);
    case '/.well-known/jwks.json':
      return keySet(call);
    case '/.well-known/openid-configuration':
      return discovery(call);
    default:
      return ownEndpoint(call, post);
  }
}

async function ownEndpoint(call: AccountCall, post: boolean): Promise<Response | undefined> {
  const report = await quotaReport(call);
  if (report !== undefined) return report;
  const { path, name } = call;
  switch (name) {
    case 'codex':
      return post && path === '/api/accounts/deviceauth/token' ? pollCodexDevice(call) : undefined;
    case 'iflow':
      if (path === platformPath) return platformPage(call);
      if (path === apiKeyPath) return apiKeyEndpoint(call);
      // Where the browser is sent after the login.
      if (path === '/oauth/success') return page('iFlow: signed in', '<p>You can close this window.</p>');
      return path === '/oauth/error' ? page('iFlow: not signed in', '<p>Please try again.</p>') : undefined;
    case 'gemini':
    case 'antigravity':
      return googleEndpoint(call, post);
    default:
      return undefined;
  }
}

async function googleEndpoint(call: AccountCall, post: boolean): Promise<Response | undefined> {
  const { path } = call;
  if (!post && (path === '/oauth2/v1/userinfo' || path === '/oauth2/v2/userinfo')) return userinfo(call);
  if (!post && path === '/v1/projects') return projectList(call);
  const [, project, enable] = serviceUsagePath.exec(path) ?? [];
  if (project !== undefined && (enable !== undefined) === post)
    return serviceUsage(call, decodeURIComponent(project), post);
  const onboarding = {
    '/v1internal:loadCodeAssist': loadCodeAssist,
    '/v1internal:onboardUser': onboardUser,
    '/v1internal:fetchAvailableModels': fetchAvailableModels,
  }[path];
  if (!post || onboarding === undefined) return undefined;
  const person = demandPerson(call);
  return person instanceof Response ? person : onboarding(call, person);
}
