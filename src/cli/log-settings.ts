/** The configuration of the log. */
import type { Config } from '../config/schema.ts';
import type { LogSettings } from '../telemetry/log.ts';

/** `terminal`: whether the log goes to one, which is what the format `auto` depends on. */
export function logSettings(
  { debug, log, bounds }: Pick<Config, 'debug' | 'log' | 'bounds'>,
  terminal: boolean,
): LogSettings {
  const automatic = terminal ? 'pretty' : 'json';
  return {
    level: debug ? 'debug' : 'info',
    format: log.format === 'auto' ? automatic : log.format,
    longest: bounds['log-line'],
  };
}
