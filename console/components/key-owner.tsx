/** The name that a browser's password store keeps the management key under: browsers want one beside a password. */
export function KeyOwner() {
  return <input type="text" autocomplete="username" value="cli-proxy-api" readOnly hidden />;
}
