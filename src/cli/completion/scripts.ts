/** The script for each shell: static, so that a key press starts the program only where a value must be looked up. */

import type { Command } from '../command.ts';
import {
  type CompletedCommand,
  completedCommands,
  firstWords,
  groups,
  type ShellName,
  type Values,
} from './completed-commands.ts';

const program = 'cli-proxy-api';

/** The completion script of a shell for these commands. */
export function completionScript(shell: ShellName, all: readonly Command[]): string {
  const commands = completedCommands(all);
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
    case 'powershell':
      return powershell(commands);
  }
}

const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Lines of `case` for each command: what it and each of its options takes. */
function cases(commands: readonly CompletedCommand[], values: (kind: Values) => string): string {
  return commands
    .map(({ name, options, words }) => {
      const list = options.map((option) => `--${option.name}`).join(' ');
      const taking = options.flatMap((option) =>
        option.values === undefined ? [] : [`        --${option.name}) ${values(option.values)}; return ;;`],
      );
      const previous = taking.length === 0 ? '' : `      case "$prev" in\n${taking.join('\n')}\n      esac\n`;
      return `    ${single(name)})\n${previous}      options='${list}'\n      words() { ${values(words)}; } ;;`;
    })
    .join('\n');
}

function bash(commands: readonly CompletedCommand[]): string {
  const first = firstWords(commands).map(({ word }) => word);
  const second = [...groups(commands)].map(
    ([word, members]) =>
      `      ${word}) names='${members.map(({ name }) => name.split(' ')[1]).join(' ')}' ;;`,
  );
  const values = (kind: Values): string => {
    if (kind === 'files') return '_cli_proxy_api_files';
    if (kind === 'none') return ':';
    if (typeof kind === 'string')
      return `_cli_proxy_api_words "$("\${COMP_WORDS[0]}" __complete ${kind} 2>/dev/null)"`;
    return `_cli_proxy_api_words '${kind.join(' ')}'`;
  };
  return `# bash completion for ${program}: source <(${program} completion bash)
_cli_proxy_api_words() {
  local IFS=$' \\t\\n'
  COMPREPLY+=( $(compgen -W "$1" -- "$cur") )
}
_cli_proxy_api_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=( $(compgen -f -- "$cur") )
}
_cli_proxy_api() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local first=\${COMP_WORDS[1]} command names= options=
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    _cli_proxy_api_words '${first.join(' ')} --help --version'
    return
  fi
  case "$first" in
${second.join('\n')}
  esac
  command=$first
  if [[ -n $names && " $names " == *" \${COMP_WORDS[2]} "* && $COMP_CWORD -gt 2 ]]; then
    command="$first \${COMP_WORDS[2]}"
  elif [[ $COMP_CWORD -eq 2 && $cur != -* ]]; then
    _cli_proxy_api_words "$names"
  fi
  words() { :; }
  case "$command" in
${cases(commands, values)}
  esac
  if [[ $cur == -* ]]; then _cli_proxy_api_words "$options"; else words; fi
  unset -f words
}
complete -F _cli_proxy_api ${program}
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const described = (word: string, summary: string) => single(`${word.replaceAll(':', '\\:')}:${summary}`);
  const first = firstWords(commands).map(({ word, summary }) => `    ${described(word, summary)}`);
  const second = [...groups(commands)].map(([word, members]) => {
    const rows = members.map(({ name, summary }) => described(name.split(' ')[1] ?? '', summary));
    return `    ${word}) names=(${rows.join(' ')}) ;;`;
  });
  const values = (kind: Values): string => {
    if (kind === 'files') return '_files';
    if (kind === 'none') return ':';
    if (typeof kind === 'string')
      return `compadd -- \${(f)"$("\${words[1]}" __complete ${kind} 2>/dev/null)"}`;
    return `compadd -- ${kind.join(' ')}`;
  };
  const rows = commands.map(({ name, options, words }) => {
    const list = options.map(({ name: option, meaning }) => described(`--${option}`, meaning)).join(' ');
    const taking = options.flatMap((option) =>
      option.values === undefined ? [] : [`        --${option.name}) ${values(option.values)}; return ;;`],
    );
    const previous =
      taking.length === 0 ? '' : `      case "$previous" in\n${taking.join('\n')}\n      esac\n`;
    return `    ${single(name)})\n${previous}      options=(${list})\n      [[ $current == -* ]] || { ${values(words)} } ;;`;
  });
  return `#compdef ${program}
# zsh completion for ${program}: put it as _${program} into a directory of $fpath
_cli_proxy_api() {
  local current=\${words[CURRENT]} previous=\${words[CURRENT-1]} command=\${words[2]}
  local -a first names options
  first=(
${first.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command first
    return
  fi
  case "$command" in
${second.join('\n')}
  esac
  if (( CURRENT > 3 )) && [[ -n \${(M)names:#\${words[3]}:*} ]]; then
    command="$command \${words[3]}"
  elif (( CURRENT == 3 )) && (( \${#names} )); then
    _describe command names
  fi
  case "$command" in
${rows.join('\n')}
  esac
  [[ $current == -* ]] && _describe option options
  return 0
}
if [[ $funcstack[1] == _${program} ]]; then _cli_proxy_api "$@"; else compdef _cli_proxy_api ${program}; fi
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const twoWords = commands.filter(({ name }) => name.includes(' ')).map(({ name }) => quoted(name));
  const values = (kind: Values): string => {
    if (kind === 'files') return '-F';
    if (kind === 'none') return '-f';
    if (typeof kind === 'string') return `-f -a '(${program} __complete ${kind} 2>/dev/null)'`;
    return `-f -a '${kind.join(' ')}'`;
  };
  const lines = commands.flatMap(({ name, options, words }) => [
    `complete -c ${program} -n '__cli_proxy_api_is ${quoted(name).replaceAll("'", '"')}' ${values(words)}`,
    ...options.map(
      (option) =>
        `complete -c ${program} -n '__cli_proxy_api_is ${quoted(name).replaceAll("'", '"')}' -l ${option.name} -d ${quoted(option.meaning)}${option.values === undefined ? '' : ` -r ${values(option.values)}`}`,
    ),
  ]);
  const first = firstWords(commands).map(
    ({ word, summary }) =>
      `complete -c ${program} -n '__cli_proxy_api_words 1' -f -a ${word} -d ${quoted(summary)}`,
  );
  const second = [...groups(commands)].flatMap(([word, members]) =>
    members.map(
      ({ name, summary }) =>
        `complete -c ${program} -n '__cli_proxy_api_words 2 ${word}' -f -a ${name.split(' ')[1]} -d ${quoted(summary)}`,
    ),
  );
  return `# fish completion for ${program}: ${program} completion fish | source
function __cli_proxy_api_words
  set -l typed (commandline -opc)
  test (count $typed) -eq $argv[1]; or return 1
  test (count $argv) -lt 2; or test "$typed[2]" = $argv[2]
end
function __cli_proxy_api_is
  set -l typed (commandline -opc)
  test (count $typed) -ge 2; or return 1
  set -l two "$typed[2] $typed[3]"
  contains -- $two ${twoWords.join(' ')}; and test "$two" = $argv[1]; and return
  contains -- $two ${twoWords.join(' ')}; and return 1
  test "$typed[2]" = $argv[1]
end
complete -c ${program} -f
${[...first, ...second, ...lines].join('\n')}
`;
}

function powershell(commands: readonly CompletedCommand[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const rows = commands.map(({ name, options, words }) => {
    const list = options.map((option) => `${quoted(`--${option.name}`)} = ${quoted(lookUp(option.values))}`);
    return `  ${quoted(name)} = @{ words = ${quoted(lookUp(words))}; options = @{ ${list.join('; ')} } }`;
  });
  return `# PowerShell completion for ${program}: ${program} completion powershell | Out-String | Invoke-Expression
$cliProxyApiCommands = @{
${rows.join('\n')}
}
Register-ArgumentCompleter -Native -CommandName ${program} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $typed = @($commandAst.CommandElements | ForEach-Object { $_.ToString() } | Select-Object -Skip 1)
  if ($wordToComplete -ne '') { $typed = @($typed | Select-Object -SkipLast 1) }
  $offered = @()
  $two = "$($typed[0]) $($typed[1])"
  $name = if ($cliProxyApiCommands.ContainsKey($two)) { $two } else { "$($typed[0])" }
  if ($typed.Count -eq 0) {
    $offered += $cliProxyApiCommands.Keys | ForEach-Object { $_.Split(' ')[0] } | Sort-Object -Unique
  } else {
    if ($typed.Count -eq 1) {
      $offered += $cliProxyApiCommands.Keys | Where-Object { $_.StartsWith("$($typed[0]) ") } | ForEach-Object { $_.Split(' ')[1] }
    }
    $command = $cliProxyApiCommands[$name]
    if ($null -ne $command) {
      $kind = $command.options[$typed[-1]]
      if ([string]::IsNullOrEmpty($kind)) {
        if ($wordToComplete.StartsWith('-')) { $offered += $command.options.Keys; $kind = '' } else { $kind = $command.words }
      }
      if ($kind -in 'models', 'accounts', 'keys') { $offered += & ${program} __complete $kind 2>$null }
      elseif ($kind -notin '', 'files', 'none') { $offered += $kind.Split(' ') }
    }
  }
  $offered | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

function lookUp(values: Values | undefined): string {
  return values === undefined ? '' : typeof values === 'string' ? values : values.join(' ');
}
