/** What Homebrew and Scoop read to install a release: made of the checksums of its archives. */
import { archiveName, type Target } from './targets.ts';

export interface Release {
  version: string;
  description: string;
  /** Where archives of a version are downloaded from, without a slash at the end. */
  downloads: string;
  homepage: string;
  /** SHA-256 in hex by the name of the archive. */
  sums: Readonly<Record<string, string>>;
}

/** A formula for a tap: Homebrew's casks are for macOS alone, this one is for Linux, too. Source: docs.brew.sh/Formula-Cookbook. */
export function homebrewFormula(release: Release, targets: readonly Target[]): string {
  const systems = { darwin: 'on_macos', linux: 'on_linux' } as const;
  const processors = { arm64: 'on_arm', x64: 'on_intel' } as const;
  const blocks = (['darwin', 'linux'] as const).map((os) => {
    const inside = (['arm64', 'x64'] as const).map((cpu) => {
      const target = targets.find((one) => one.os === os && one.cpu === cpu && one.libc !== 'musl');
      const archive = target && archiveName(target, release.version);
      const sum = archive && release.sums[archive];
      return sum === undefined
        ? ''
        : `    ${processors[cpu]} do\n      url "${release.downloads}/${archive}"\n      sha256 "${sum}"\n    end\n`;
    });
    return `  ${systems[os]} do\n${inside.join('')}  end\n`;
  });
  return `class CliProxyApi < Formula
  desc "${release.description}"
  homepage "${release.homepage}"
  version "${release.version}"
  license "MIT"

${blocks.join('\n')}
  def install
    bin.install "cli-proxy-api"
    man1.install "cli-proxy-api.1"
    bash_completion.install "completions/cli-proxy-api.bash" => "cli-proxy-api"
    zsh_completion.install "completions/_cli-proxy-api"
    fish_completion.install "completions/cli-proxy-api.fish"
  end

  service do
    run [opt_bin/"cli-proxy-api", "serve"]
    keep_alive true
    log_path var/"log/cli-proxy-api.log"
    error_log_path var/"log/cli-proxy-api.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/cli-proxy-api --version")
  end
end
`;
}

/** The manifest for a bucket of Scoop; source: github.com/ScoopInstaller/Scoop, App-Manifests. */
export function scoopManifest(release: Release, targets: readonly Target[]): object {
  const names = { x64: '64bit', arm64: 'arm64' } as const;
  const architecture = Object.fromEntries(
    targets
      .filter(({ os }) => os === 'win32')
      .map((target) => {
        const archive = archiveName(target, release.version);
        return [names[target.cpu], { url: `${release.downloads}/${archive}`, hash: release.sums[archive] }];
      }),
  );
  const { version, description, homepage } = release;
  return { version, description, homepage, license: 'MIT', architecture, bin: 'cli-proxy-api.exe' };
}
