/** The configuration of the pool. */
import type { Config } from '../config/schema.ts';
import {
  type CooldownOverrides,
  type CooldownRules,
  cooldownTable,
  ruleKinds,
  transientOverride,
  withOverrides,
} from './cooldown-table.ts';
import type { Credential } from './credential.ts';
import type { PoolSettings } from './pool.ts';

/** The part of the configuration that the pool depends on. */
export type PoolConfig = Pick<
  Config,
  'routing' | 'quota-exceeded' | 'cooldown' | 'disable-cooling' | 'transient-error-cooldown-seconds'
>;

/** The last word has the credential, before it its provider, before that the whole configuration, then the table. */
export function poolSettings(config: PoolConfig): PoolSettings {
  const { cooldown } = config;
  const common = withOverrides(
    { rules: cooldownTable, probe: cooldown.probe, disabled: config['disable-cooling'] },
    transientOverride(config['transient-error-cooldown-seconds']),
    overridesIn(cooldown),
  );
  const providers: Readonly<Record<string, CooldownOverrides | undefined>> = cooldown.providers;
  // Most credentials have no numbers of their own: they share the rules of their provider.
  const byProvider = new Map<string, CooldownRules>();
  const ofProvider = (name: string): CooldownRules => {
    const known = byProvider.get(name) ?? withOverrides(common, providers[name]);
    byProvider.set(name, known);
    return known;
  };
  return {
    strategy: config.routing.strategy,
    quotaOfAccount: !config['quota-exceeded']['switch-project'],
    rulesOf(credential: Credential) {
      const rules = ofProvider(credential.provider.name);
      if (credential.cooldown === undefined && credential.disableCooling === undefined) return rules;
      const own = withOverrides(rules, credential.cooldown);
      return { ...own, disabled: credential.disableCooling ?? own.disabled };
    },
  };
}

function overridesIn(cooldown: Config['cooldown']): CooldownOverrides {
  return Object.fromEntries(ruleKinds.map((kind) => [kind, cooldown[kind]]));
}
