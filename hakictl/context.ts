// What a command works with: the server and the token it was told, or the session of the last sign-in; and where it prints.
import { type Client, createClient } from '@hakiri/client/client';
import { createSessionSource } from '@hakiri/client/session';
import type { Command } from 'commander';
import { UsageError } from './failure.ts';
import type { Io } from './io.ts';
import { openSessionFile } from './session-file.ts';

export type Context = {
  io: Io;
  json: boolean;
  url: string;
  client: Client;
  /** Prints `value` as JSON when asked to, else the text. */
  print(value: unknown, text: () => string): void;
};

type GlobalOptions = { url?: string; token?: string; json?: boolean };

/** @throws UsageError when nobody said which server. */
export function contextOf(command: Command, io: Io): Context {
  const options = command.optsWithGlobals<GlobalOptions>();
  const json = options.json ?? false;
  const { url, client } = openClient(options, io);
  const print = (value: unknown, text: () => string): void =>
    io.out(json ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
  return { io, json, url, client, print };
}

/** The token in use, for commands that work on the token itself. */
export async function tokenInUse(command: Command, io: Io): Promise<string> {
  const { client } = contextOf(command, io);
  const token = await client.tokens.token();
  if (token === undefined)
    throw new UsageError('There is no token. Give --token, set HAKIRI_TOKEN or sign in.');
  return token;
}

function openClient(options: GlobalOptions, io: Io): { url: string; client: Client } {
  const file = openSessionFile(io.env);
  const token = options.token || io.env.HAKIRI_TOKEN;
  const given = options.url || io.env.HAKIRI_URL;
  // Who says both needs no session, not even a whole one.
  const saved = token && given ? undefined : file.read();
  const url = checkedUrl(given || saved?.url);
  if (token) return { url, client: createClient({ url, token }) };
  // A session is for the server that gave it: it never goes to another.
  if (saved === undefined || saved.url !== url) return { url, client: createClient({ url }) };
  return { url, client: createClient({ url, tokens: createSessionSource({ url, store: file.store(url) }) }) };
}

/** @throws UsageError */
export function checkedUrl(text: string | undefined): string {
  if (text === undefined || text === '')
    throw new UsageError('Which server? Run hakictl login <link>, or give --url, or set HAKIRI_URL.');
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new UsageError(`"${text}" is no http or https address.`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
