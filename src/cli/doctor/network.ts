import { X509Certificate } from 'node:crypto';
import { constants, readFileSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { exposureProblem } from '../../config/exposure.ts';
import type { Config } from '../../config/schema.ts';
import { counted } from '../../ground/counted.ts';
import { parseJson } from '../../protocols/json.ts';
import { asObject } from '../../protocols/json-members.ts';
import { addressOf } from '../running-address.ts';
import { askRunning } from '../running-gateway.ts';
import { isForeignAddress, listenError } from '../start-checks.ts';
import { checkTlsFiles } from '../tls-files.ts';
import {
  type Examined,
  type Finding,
  fail,
  ok,
  patience,
  reasonWithin,
  type Subject,
  shellWord,
  skip,
  unread,
  warn,
} from './check.ts';
import { openOutbound } from './outbound.ts';
import { providerFindings } from './providers.ts';

/** What the banner at a gateway's address has as its name. */
const programName = 'cli-proxy-api';
const day = 86_400_000;
/** Days before its end at which a certificate is named. */
const renewDays = 14;
/** Milliseconds of a wrong clock that break logins. */
const mostSkew = 60_000;
const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];

/** The address it serves at, and the way out. */
export const networkChecks: Subject = async (examined) => [
  await port(examined),
  ...(examined.isRead
    ? [exposure(examined.config), certificate(examined)]
    : ['network.exposure', 'network.tls'].map(unread)),
  certificateChecks(examined),
  examined.isRead ? proxies(examined) : unread('network.proxy'),
  ...(await outboundFindings(examined)),
];

async function port({ config, isRead }: Examined): Promise<Finding> {
  const id = 'network.port';
  const running = await askRunning(config['auth-dir'], 'gateway', 'GET', patience).catch(() => undefined);
  if (running !== undefined && 'gateway' in running)
    return ok(id, `The gateway runs at ${running.gateway.url}.`);
  if (!isRead) return unread(id);
  const taken = await listenError(config.host, config.port);
  if (isForeignAddress(taken))
    return fail(
      id,
      `${config.host} is not an address of this computer.`,
      'host: 127.0.0.1 in the config for this computer alone, or 0.0.0.0 for its whole network',
    );
  if (taken === 'EACCES')
    return fail(id, `Port ${config.port} needs rights that you do not have.`, 'port: 8317 in the config');
  if (taken !== 'EADDRINUSE')
    return ok(id, `Port ${config.port} is free; no gateway runs with ${config['auth-dir']}.`);
  if (!(await isGateway(config)))
    return fail(
      id,
      `Port ${config.port} is taken, by no gateway of this config.`,
      'cli-proxy-api serve --port 0, or another port in the config',
    );
  const directory = config['auth-dir'];
  const unwritable = await access(directory, constants.W_OK).then(() => undefined, reasonWithin);
  return unwritable === undefined
    ? fail(
        id,
        `Port ${config.port} is taken by a gateway with another auth-dir than ${directory}.`,
        'stop that one, or cli-proxy-api serve --port 0, or another port in the config',
      )
    : warn(
        id,
        `A gateway serves at port ${config.port}. Commands do not reach it: its socket cannot be made in ${directory} (${unwritable}).`,
        `make ${shellWord(directory)} writable, then restart the gateway`,
      );
}

/** Whether what has the port of the config is this program. */
async function isGateway(config: Config): Promise<boolean> {
  using outbound = await openOutbound(config);
  try {
    const onBehalfOf = { id: 'port', proxyUrl: 'direct' };
    const response = await outbound.fetch(onBehalfOf, await addressOf(config), { method: 'GET' });
    return asObject(parseJson(await response.text()))?.name === programName;
  } catch {
    return false;
  }
}

function exposure(config: Config): Finding {
  const id = 'network.exposure';
  const problem = exposureProblem(config);
  return problem === undefined
    ? ok(id, 'Without a client key only this computer can use it.')
    : fail(id, problem.message, problem.hint ?? 'add a client key under api-keys');
}

function certificate({ config: { tls }, now }: Examined): Finding {
  const id = 'network.tls';
  if (!tls.enable || tls.cert === undefined) return skip(id, 'It serves without TLS.');
  try {
    checkTlsFiles(tls);
    const end = Date.parse(new X509Certificate(readFileSync(tls.cert)).validTo);
    const days = Math.floor((end - now) / day);
    const renew = `renew ${tls.cert}, then restart the gateway`;
    if (days < 0) return fail(id, `The certificate has run out ${counted(-days, 'day')} ago.`, renew);
    if (days < renewDays) return warn(id, `The certificate runs out in ${counted(days, 'day')}.`, renew);
    return ok(id, `Certificate and key belong together, for another ${counted(days, 'day')}.`);
  } catch (error) {
    return fail(id, reasonWithin(error), 'correct tls.cert and tls.key in the config');
  }
}

function certificateChecks({ env }: Examined): Finding {
  const id = 'network.certificate-checks';
  return env.NODE_TLS_REJECT_UNAUTHORIZED === '0'
    ? fail(
        id,
        'NODE_TLS_REJECT_UNAUTHORIZED=0 disables certificate checks: your keys can be intercepted.',
        'unset NODE_TLS_REJECT_UNAUTHORIZED',
      )
    : ok(id, 'Certificates of providers are checked.');
}

function proxies({ env, config }: Examined): Finding {
  const id = 'network.proxy';
  const set = proxyVariables.filter((name) => env[name]);
  if (set.length === 0 || config['proxy-url'] !== undefined)
    return ok(id, config['proxy-url'] === undefined ? 'No proxy is set.' : 'Requests go through proxy-url.');
  return ok(id, `Requests to providers go through the proxy of ${set.join(', ')}.`);
}

async function outboundFindings(examined: Examined): Promise<Finding[]> {
  const ids = ['network.clock', 'network.providers', 'network.ipv6'];
  if (!examined.online) return ids.map((id) => skip(id, 'Only looked at with --online.'));
  const [time, answers] = await Promise.all([
    clock(examined),
    examined.isRead ? providerFindings(examined.config) : [unread('network.providers')],
  ]);
  return [time, ...answers];
}

async function clock({ clock: source, now, config }: Examined): Promise<Finding> {
  const id = 'network.clock';
  using outbound = await openOutbound(config);
  try {
    const onBehalfOf = { id: 'clock', proxyUrl: config['proxy-url'] };
    const response = await outbound.fetch(onBehalfOf, source, { method: 'HEAD' });
    const skew = Math.abs(Date.parse(response.headers.get('date') ?? '') - now);
    if (Number.isNaN(skew)) return skip(id, 'The answer had no date.');
    return skew > mostSkew
      ? fail(
          id,
          `The clock is wrong by ${Math.round(skew / 1000)} s: logins fail.`,
          'timedatectl set-ntp true',
        )
      : ok(id, 'The clock is right.');
  } catch (error) {
    return warn(
      id,
      `The network cannot be reached: ${reasonWithin(error)}.`,
      'check the network, or set proxy-url',
    );
  }
}
