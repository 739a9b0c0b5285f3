/** Why a gateway does not start: another one has the `auth-dir`, with its accounts and counts. `url` is undefined where it does not answer. */
export class AuthDirInUse extends Error {
  override readonly name = 'AuthDirInUse';
  constructor(
    readonly directory: string,
    readonly url: string | undefined,
  ) {
    super(
      `another gateway${url === undefined ? '' : `, at ${url},`} runs with the auth-dir ${directory}; two would count limits twice and spend tokens twice`,
    );
  }
}
