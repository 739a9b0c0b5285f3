/** The addresses of the pages about the configuration. */
import { z } from 'zod';
import type { ManagedConfig } from '../../management/managed-config.ts';
import { prototype } from '../../management/prototype-name.ts';
import { data, problem } from '../answers.ts';
import { type ApiCall, type ApiRoute, apiRoute } from '../api-route.ts';
import { jsonOf } from '../json-body.ts';
import { type ConfigDesk, createConfigDesk, type Refused } from './config-desk.ts';

export interface SettingsDeps {
  /** Undefined where the gateway runs without a file. */
  configFile: () => ManagedConfig | undefined;
  /** The key that placeholders of secrets are made with: the same after a restart, and on every replica. */
  standInKey(): Promise<Uint8Array>;
  log: { info(message: string, fields?: Record<string, unknown>): void };
}

/** As large as a file may be that the gateway reads. */
const mostBytes = 8 * 1024 * 1024;
const mostChanges = 500;

const segment = z
  .string()
  .min(1)
  .max(500)
  .refine((name) => name !== prototype);
const proposal = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({
    changes: z
      .array(z.strictObject({ path: z.array(segment).min(1).max(8), value: z.unknown() }))
      .min(1)
      .max(mostChanges),
  }),
]);

export function settingsRoutes({ configFile, standInKey, log }: SettingsDeps): ApiRoute[] {
  const desks = new WeakMap<ManagedConfig, ConfigDesk>();

  /** Unchanged for the lifetime of the file: its placeholders stay valid. */
  async function deskOf(managed: ManagedConfig): Promise<ConfigDesk> {
    const desk = desks.get(managed) ?? createConfigDesk(managed, await standInKey());
    desks.set(managed, desk);
    return desk;
  }

  function desk(run: (desk: ConfigDesk, call: ApiCall) => Promise<Response>) {
    return async (call: ApiCall): Promise<Response> => {
      const managed = configFile();
      if (managed === undefined)
        return problem(409, 'no_config_file', 'This gateway runs without a config file.');
      try {
        return await run(await deskOf(managed), call);
      } catch (error) {
        if (error instanceof Error && 'code' in error)
          return problem(409, 'config_unreadable', `The file cannot be read: ${error.message}`);
        throw error;
      }
    };
  }

  const proposed = (
    run: (desk: ConfigDesk, call: ApiCall, given: z.output<typeof proposal>) => Promise<Response>,
  ) =>
    desk(async (open, call) => {
      const given = proposal.safeParse(await jsonOf(call.request, mostBytes)).data;
      return given === undefined
        ? problem(400, 'bad_input', 'Expected {"text": …} or {"changes": [{"path": […], "value": …}]}.')
        : run(open, call, given);
    });

  return [
    apiRoute(
      'GET',
      'settings',
      'owner',
      desk(async (open) => data(await open.settings())),
    ),
    apiRoute(
      'POST',
      'settings/look',
      'owner',
      proposed(async (open, _, given) => {
        const result = await open.look(given);
        return result.ok ? data(result.value) : refusal(result);
      }),
    ),
    apiRoute(
      'PUT',
      'settings',
      'owner',
      proposed(async (open, { request, caller }, given) => {
        const etag = request.headers.get('if-match');
        if (etag === null)
          return problem(428, 'no_etag', 'If-Match is needed: the etag of the file that was read.');
        const from = caller.address === undefined ? '' : ` from ${caller.address}`;
        const result = await open.save(given, etag, `console${from}`);
        log.info('console: settings', {
          address: caller.address,
          status: result.ok ? 200 : result.status,
          ...('changes' in given && { changed: given.changes.map(({ path }) => path.join('.')) }),
        });
        return result.ok ? data(result.value) : refusal(result);
      }),
    ),
    apiRoute(
      'GET',
      'settings/versions/*',
      'owner',
      desk(async (open, { rest }) => {
        const version = await open.version(rest);
        return version === undefined
          ? problem(404, 'version_not_found', 'No version with this id is kept any more.')
          : data(version);
      }),
    ),
  ];
}

function refusal({ status, code, error }: Refused): Response {
  return problem(status, code, error);
}
