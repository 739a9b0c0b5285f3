/** Signing in on another device: a code to type there, and asking until it was (RFC 8628, and OpenAI's own way). */
import type { OAuthClient, OAuthDeps } from './client.ts';
import { startDeviceCode } from './device-code.ts';
import { cancelled } from './failure.ts';
import type { GrantResult } from './grant.ts';
import { startOpenaiDevice } from './openai-device.ts';
import { type DeviceCode, expired, type StartedDevice } from './started-device.ts';

export interface DeviceSignIn {
  /** Stops the sign-in. */
  signal?: AbortSignal | undefined;
  /** Called with the code, for the person to type. */
  onCode: (code: DeviceCode) => void;
}

/** Seconds: the shortest polling interval, whatever the server asks for. */
const shortestInterval = 1;
/** Seconds added by slow_down, RFC 8628 §3.5. */
const slowDownStep = 5;
/** Seconds: how far the pause grows while the server cannot be reached (RFC 8628 §3.5 wants it to grow). */
const longestPause = 60;

/**
 * Signs a person in with a code that they type on any device. Waits as long as the code is valid; a server that cannot be
 * reached meanwhile is asked again. Failures: `denied`, `timed-out`, `cancelled`, and what the start of it came to.
 */
export async function signInWithDevice(
  client: OAuthClient,
  options: DeviceSignIn,
  deps: OAuthDeps,
): Promise<GrantResult> {
  const { signal } = options;
  const start = client.deviceDialect === 'openai' ? startOpenaiDevice : startDeviceCode;
  const started = await start(client, deps, signal);
  if (!started.ok) return started;
  options.onCode(started.code);
  return await waitForPerson(client.title, started, deps, signal);
}

async function waitForPerson(
  title: string,
  { code, poll, interval: wanted }: StartedDevice,
  deps: OAuthDeps,
  signal: AbortSignal | undefined,
): Promise<GrantResult> {
  let interval = Math.max(shortestInterval, wanted);
  let pause = interval;
  for (;;) {
    const left = (code.expiresAt - deps.now()) / 1000;
    if (left <= 0) return expired(title);
    await deps.wait(Math.min(pause, left) * 1000, signal);
    if (signal?.aborted) return cancelled();
    const polled = await poll();
    if (polled.ok === true) return polled;
    if (polled.ok === 'pending') {
      if (polled.slowDown) interval += slowDownStep;
      pause = interval;
      continue;
    }
    switch (polled.failure.kind) {
      case 'rate-limited':
        interval += slowDownStep;
        pause = Math.max(interval, polled.failure.retryAfter ?? 0);
        break;
      case 'unavailable':
        pause = Math.max(Math.min(pause * 2, longestPause), polled.failure.retryAfter ?? 0, interval);
        break;
      default:
        return polled;
    }
  }
}
