#!/usr/bin/env node
// Starts the program that npm installed beside this file for the platform at hand. Nothing was run at the install.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';

const require = createRequire(import.meta.url);
const { optionalDependencies } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const platform = [process.platform, process.arch, ...(usesMusl() ? ['musl'] : [])].join('-');
const name = Object.keys(optionalDependencies).find((candidate) => candidate.endsWith(`/${platform}`));
if (name === undefined) stop(`there is no program for ${platform}.`);

let program;
try {
  program = require.resolve(`${name}/bin/cli-proxy-api${process.platform === 'win32' ? '.exe' : ''}`);
} catch {
  stop(`the package ${name} is missing: install again, without --omit=optional or --no-optional.`);
}
start(program, process.argv.slice(2));

function start(file, args) {
  // From Node 22.15 on this process becomes the program: no other one stays behind.
  if (process.platform !== 'win32' && typeof process.execve === 'function') {
    try {
      process.removeAllListeners('warning').on('warning', () => {});
      process.execve(file, [file, ...args], process.env);
    } catch {
      // Not everywhere: the long way does.
    }
  }
  const child = spawn(file, args, { stdio: 'inherit' });
  // A terminal sends its signals to both; a service manager only to this one.
  const signals = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];
  for (const signal of signals) {
    try {
      process.on(signal, () => child.kill(signal));
    } catch {
      // Windows has not all of them.
    }
  }
  process.on('SIGINT', () => {});
  child.on('error', (error) => stop(`${file} does not start: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function usesMusl() {
  if (process.platform !== 'linux') return false;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

function stop(sentence) {
  console.error(`cli-proxy-api: ${sentence}`);
  process.exit(69);
}
