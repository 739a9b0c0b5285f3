/** The commands that each service manager is given, as data: what is done can be shown before it is done. */
import { join } from 'node:path';
import { launchdLabel, type ServiceFacts, type ServiceManager, serviceName } from './unit.ts';

export type ServiceAction = 'install' | 'uninstall' | 'start' | 'stop' | 'status';

/** Where the text for the service manager lies. */
export function servicePlace(manager: ServiceManager, { system, home, authDir }: ServiceFacts): string {
  switch (manager) {
    case 'systemd':
      return system
        ? `/etc/systemd/system/${serviceName}.service`
        : join(home, `.config/systemd/user/${serviceName}.service`);
    case 'launchd':
      return system
        ? `/Library/LaunchDaemons/${launchdLabel}.plist`
        : join(home, `Library/LaunchAgents/${launchdLabel}.plist`);
    case 'task-scheduler':
      return join(authDir, `${serviceName}.task.xml`);
  }
}

/** The programs to run for an action, in this order; the file is written before, or removed after them. */
export function serviceCommands(
  manager: ServiceManager,
  action: ServiceAction,
  facts: ServiceFacts,
  userId: number,
): string[][] {
  const place = servicePlace(manager, facts);
  switch (manager) {
    case 'systemd':
      return facts.system
        ? [...(action === 'install' ? [makeUser] : []), ...systemd(action, ['systemctl'])]
        : systemd(action, ['systemctl', '--user']);
    case 'launchd':
      return launchd(action, facts.system ? 'system' : `gui/${userId}`, place);
    case 'task-scheduler':
      return taskScheduler(action, place);
  }
}

/** The user of the system unit, unless there is one. */
const makeUser = [
  ...['sh', '-c'],
  `id -u ${serviceName} || useradd --system --create-home --home-dir /var/lib/${serviceName} --shell /usr/sbin/nologin ${serviceName}`,
];

function systemd(action: ServiceAction, control: string[]): string[][] {
  const unit = `${serviceName}.service`;
  switch (action) {
    case 'install':
      return [
        [...control, 'daemon-reload'],
        [...control, 'enable', '--now', unit],
      ];
    case 'uninstall':
      return [[...control, 'disable', '--now', unit]];
    case 'start':
    case 'stop':
      return [[...control, action, unit]];
    case 'status':
      return [[...control, 'status', '--no-pager', unit]];
  }
}

function launchd(action: ServiceAction, domain: string, place: string): string[][] {
  const service = `${domain}/${launchdLabel}`;
  switch (action) {
    case 'install':
      return [['launchctl', 'bootstrap', domain, place]];
    case 'uninstall':
      return [['launchctl', 'bootout', service]];
    case 'start':
      return [['launchctl', 'kickstart', service]];
    case 'stop':
      return [['launchctl', 'kill', 'SIGTERM', service]];
    case 'status':
      return [['launchctl', 'print', service]];
  }
}

function taskScheduler(action: ServiceAction, place: string): string[][] {
  const task = ['/TN', serviceName];
  switch (action) {
    case 'install':
      return [
        ['schtasks', '/Create', ...task, '/XML', place, '/F'],
        ['schtasks', '/Run', ...task],
      ];
    case 'uninstall':
      return [['schtasks', '/Delete', ...task, '/F']];
    case 'start':
      return [['schtasks', '/Run', ...task]];
    case 'stop':
      return [['schtasks', '/End', ...task]];
    case 'status':
      return [['schtasks', '/Query', ...task, '/V', '/FO', 'LIST']];
  }
}
