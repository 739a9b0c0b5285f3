/** Every route of the management API. A subject is a file, and a line here. */

import type { Config } from '../config/schema.ts';
import { runYielding } from '../ground/steps.ts';
import { type ApiCallDeps, apiCallRoutes } from './api-call.ts';
import { type ApiKeyUsageDeps, apiKeyUsageRoutes } from './api-key-usage.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { type AuthFilesDeps, authFileRoutes } from './auth-files.ts';
import { type ClientKeysDeps, clientKeyRoutes } from './client-keys.ts';
import { configRoutes } from './config.ts';
import { configTreeRoutes } from './config-tree.ts';
import { type ConsoleTicketDeps, consoleTicketRoutes } from './console-ticket.ts';
import { type CooldownsDeps, cooldownRoutes } from './cooldowns.ts';
import { keyEntryRoutes } from './key-entries.ts';
import { versionRoutes } from './latest-version.ts';
import { type LogsDeps, logRoutes } from './logs.ts';
import { modelDefinitionRoutes } from './model-definitions.ts';
import { oauthModelRoutes } from './oauth-models.ts';
import { pluginRoutes } from './plugins.ts';
import { providerKeyRoutes } from './provider-keys.ts';
import { type QuotasDeps, quotaRoutes } from './quotas.ts';
import { type RecordingsDeps, recordingRoutes } from './recordings.ts';
import { jsonText } from './reply.ts';
import { type RequestsDeps, requestRoutes } from './requests.ts';
import { type Route, route } from './route.ts';
import { type ServerFactsDeps, serverRoutes } from './server-facts.ts';
import { signInRoutes } from './sign-in.ts';
import type { SignInDeps } from './sign-in-sessions.ts';
import { singleSettingRoutes } from './single-settings.ts';
import { type TestRequestDeps, testRequestRoutes } from './test-request.ts';
import { usageRoutes } from './usage.ts';
import { usageAnswers } from './usage-answers.ts';
import { type UsageExchangeDeps, usageExchangeRoutes } from './usage-exchange.ts';
import { type UsageQueueDeps, usageQueueRoutes } from './usage-queue.ts';
import { jsonYielding } from './yielding-json.ts';

/** What the routes need of the running gateway. */
export type RouteDeps = RequestsDeps &
  RecordingsDeps &
  ConsoleTicketDeps &
  CooldownsDeps &
  ServerFactsDeps &
  UsageQueueDeps &
  UsageExchangeDeps &
  ApiCallDeps &
  ApiKeyUsageDeps &
  QuotasDeps &
  AuthFilesDeps &
  SignInDeps &
  ClientKeysDeps &
  TestRequestDeps &
  LogsDeps & {
    /** The configuration in force. */
    config: () => Config;
    version: string;
  };

export function managementRoutes(deps: RouteDeps): Route[] {
  const usage = usageAnswers(deps.usage, deps.now);
  const routes: Route[] = [
    ...serverRoutes(deps),
    ...requestRoutes(deps, usage),
    ...recordingRoutes(deps),
    ...cooldownRoutes(deps),
    ...testRequestRoutes(deps),
    ...authFileRoutes(deps),
    ...signInRoutes(deps),
    ...consoleTicketRoutes(deps),
    ...configRoutes(deps),
    ...configTreeRoutes(deps),
    ...singleSettingRoutes(deps),
    ...apiKeyRoutes(deps),
    ...clientKeyRoutes(deps),
    ...providerKeyRoutes(deps),
    ...keyEntryRoutes(deps),
    ...oauthModelRoutes(deps),
    ...logRoutes(deps, usage),
    ...modelDefinitionRoutes(),
    ...versionRoutes(deps),
    ...pluginRoutes(),
    ...usageRoutes(usage),
    ...usageExchangeRoutes(deps, usage),
    ...usageQueueRoutes(deps),
    ...apiKeyUsageRoutes(deps),
    ...apiCallRoutes(deps),
    ...quotaRoutes(deps),
  ];
  async function described(): Promise<string> {
    const { openApiDocument } = await import('./open-api.ts');
    return jsonYielding(await runYielding(openApiDocument([...routes, reference], deps.version)));
  }

  let document: Promise<string> | undefined;
  const reference: Route = route({
    method: 'GET',
    v0: 'openapi.json',
    v8: 'openapi.json',
    answers: 'openApi',
    sentence: 'This API as an OpenAPI 3.1 document.',
    async run() {
      // The routes never change.
      document ??= described();
      return jsonText(await document);
    },
  });
  return [...routes, reference];
}
