/** How a terminal opens the console: a ticket that signs in once, only over the control socket. */
import { json, nothingHere } from './reply.ts';
import { type Route, route } from './route.ts';

export interface ConsoleTicketDeps {
  /** What signs in once, within a minute; with `lasting` until the gateway stops. Undefined where there is no console. */
  consoleTicket(lasting: boolean): Promise<string | undefined>;
}

export function consoleTicketRoutes({ consoleTicket }: ConsoleTicketDeps): Route[] {
  return [
    route({
      method: 'POST',
      v0: 'console-ticket',
      answers: { 200: 'consoleTicket', 404: { types: [] } },
      sentence:
        'A ticket that signs in to the console once, for `cli-proxy-api console`: over the control socket alone.',
      async run({ caller }) {
        if (caller.key !== 'control socket') return nothingHere();
        const ticket = await consoleTicket(false);
        return ticket === undefined ? nothingHere() : json({ ticket });
      },
    }),
  ];
}
