/** What a service manager is given to run the gateway: texts, made of facts, without looking at the system. */

/** The service managers that are known. */
export type ServiceManager = 'systemd' | 'launchd' | 'task-scheduler';

export interface ServiceFacts {
  /** The executable, by an absolute path that an upgrade keeps. */
  program: string;
  /** The config file, by an absolute path. */
  config: string;
  /** Where accounts and stores are: written to. */
  authDir: string;
  /** For the whole computer instead of one user. */
  system: boolean;
  /** The user's home. */
  home: string;
  /** The name of the user whom a task of Windows is for. */
  user: string;
  /** Seconds that running answers have after a stop, and a few more. */
  stopSeconds: number;
}

export const serviceName = 'cli-proxy-api';
export const launchdLabel = 'local.cli-proxy-api';
/** Bytes of memory at which systemd ends it: far above what it needs. */
const memoryMax = '2G';
/** Search path for what it starts: a browser opener at most. */
const searchPath = '/usr/local/bin:/usr/bin:/bin';

/** The text for this service manager. */
export function serviceText(manager: ServiceManager, facts: ServiceFacts): string {
  switch (manager) {
    case 'systemd':
      return systemdUnit(facts);
    case 'launchd':
      return launchdPlist(facts);
    case 'task-scheduler':
      return taskXml(facts);
  }
}

/** Source: systemd.service(5), systemd.exec(5). */
function systemdUnit(facts: ServiceFacts): string {
  const { program, config, authDir, system, stopSeconds } = facts;
  // The config is replaced beside itself when it is changed over the management API.
  const written = [...new Set([authDir, parentOf(config)])];
  const own = system ? 'User=cli-proxy-api\nGroup=cli-proxy-api\nProtectHome=read-only\n' : '';
  return `[Unit]
Description=cli-proxy-api, a gateway to AI providers
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
ExecStart=${quoted(program)} serve --config ${quoted(config)}
Restart=on-failure
RestartSec=5
TimeoutStopSec=${stopSeconds}
Environment=PATH=${searchPath}
${own}NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths=${written.map((path) => quoted(`-${path}`)).join(' ')}
LockPersonality=yes
RestrictSUIDSGID=yes
UMask=0077
MemoryMax=${memoryMax}
LimitNOFILE=65536

[Install]
WantedBy=${system ? 'multi-user.target' : 'default.target'}
`;
}

/** A word of a unit: spaces kept, specifiers and variables not read. Source: systemd.syntax(7). */
function quoted(text: string): string {
  const plain = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Source: launchd.plist(5). */
function launchdPlist({ program, config, home, system, stopSeconds }: ServiceFacts): string {
  const log = system ? '/Library/Logs/cli-proxy-api.log' : `${home}/Library/Logs/cli-proxy-api.log`;
  const words = [program, 'serve', '--config', config].map((word) => `    <string>${xml(word)}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${launchdLabel}</string>
  <key>ProgramArguments</key>
  <array>
${words.join('\n')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    <string>${searchPath}</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>${stopSeconds}</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${xml(log)}</string>
  <key>StandardErrorPath</key>
  <string>${xml(log)}</string>
</dict>
</plist>
`;
}

/**
 * A console program is no Windows service (it would end with error 1053), so the Task Scheduler starts it at the logon.
 * Source: learn.microsoft.com, Task Scheduler Schema.
 */
function taskXml({ program, config, user, system }: ServiceFacts): string {
  const trigger = system
    ? '<BootTrigger><Enabled>true</Enabled></BootTrigger>'
    : `<LogonTrigger><Enabled>true</Enabled><UserId>${xml(user)}</UserId></LogonTrigger>`;
  const principal = system
    ? '<UserId>S-1-5-19</UserId><RunLevel>LeastPrivilege</RunLevel>'
    : `<UserId>${xml(user)}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>`;
  // No encoding is named: a file for the Task Scheduler is UTF-16 with its mark, and what is printed is UTF-8.
  return `<?xml version="1.0"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>cli-proxy-api, a gateway to AI providers</Description></RegistrationInfo>
  <Triggers>${trigger}</Triggers>
  <Principals><Principal id="Author">${principal}</Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${xml(program)}</Command>
      <Arguments>serve --config "${xml(config)}"</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function parentOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf('/')));
}
