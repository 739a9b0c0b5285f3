/** Where connections go to. */
export interface Address {
  /** A name, or an IP address without brackets. */
  hostname: string;
  port: number;
  secure: boolean;
}

/** A server as a proxy gets it: by its name, or by the address that was looked up. */
export type Target = Pick<Address, 'hostname' | 'port'>;
