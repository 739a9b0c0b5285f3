/** The path by which a service may start the program, or why it may not: it has to outlive upgrades and emptied caches. */

/** Paths that vanish, and their replacements. */
const passing: readonly { pattern: RegExp; why: string; instead: string }[] = [
  {
    pattern: /[\\/](_npx|\.npm|npm-cache|dlx-[^\\/]*|\.bunx?[^\\/]*cache)[\\/]/,
    why: 'is in a cache of npx, which may be emptied at any time',
    instead: 'Install it for good, as an executable of its own, and run this again from there.',
  },
  {
    pattern: /[\\/]Cellar[\\/][^\\/]+[\\/]\d[^\\/]*[\\/]/,
    why: 'has the version of Homebrew in its path, which vanishes with the next upgrade',
    instead: 'Run this again by "$(brew --prefix)/bin/cli-proxy-api", or use "brew services".',
  },
  {
    pattern: /[\\/]node_modules[\\/]/,
    why: 'is in node_modules, which npm replaces',
    instead: 'Take the executable of a release or of "npm run build", and run this again from there.',
  },
];

/** Undefined where a service may start it from there. */
export function passingPath(program: string): { why: string; instead: string } | undefined {
  return passing.find(({ pattern }) => pattern.test(program));
}
