/** Whether only programs of the same computer can reach an address: RFC 1122 §3.2.1.3 (127/8), RFC 4291 §2.5.3 (::1). */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare);
}
