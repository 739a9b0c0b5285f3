/** Stops a listener without cutting answers off: it drains, then ends what has not ended within the grace period. */
import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { drain, drainTime } from './drain.ts';
import type { ListenerAnswers } from './listener.ts';
import type { ResponsesSockets, SocketState } from './responses/responses-socket.ts';

export interface StoppingDeps {
  listener: Bun.Server<SocketState>;
  /** What it answers while it drains. */
  answers: () => ListenerAnswers;
  sockets: Pick<ResponsesSockets, 'leave' | 'end'>;
  /** Ends what is open without a request, such as the event streams of consoles. */
  leave: () => Promise<void>;
  config: Config;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

/** Resolves when the listener has stopped, with a promise that is the end of the grace period. */
export async function stopGracefully(deps: StoppingDeps): Promise<{ grace: Promise<'grace'> }> {
  const { listener, sockets, config, clock } = deps;
  sockets.leave();
  const { port } = listener;
  if (port !== undefined)
    await drain(
      { port, answers: deps.answers(), reload: (answers) => listener.reload(answers) },
      drainTime(config),
      clock.wait,
    );
  await deps.leave();
  const grace = new Promise<'grace'>((resolve) => {
    clock.after(config['shutdown-grace'], () => resolve('grace'));
  });
  const outcome = await Promise.race([listener.stop(false), grace]);
  if (outcome === 'grace') {
    deps.log.warn('answers were still running at the end of the grace period; they are cut off');
    sockets.end();
    await listener.stop(true);
  }
  return { grace };
}
