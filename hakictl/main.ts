#!/usr/bin/env bun
// hakictl: everything the API does, from a terminal.
import { runCommandLine } from './command-line.ts';
import { textOf } from './text-file.ts';

process.exitCode = await runCommandLine(Bun.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: async () => textOf(await Bun.stdin.bytes(), 'Standard input'),
});
