// What a person, or a script, reads when everything is ready.
import type { Bootstrap } from './bootstrap.ts';

export type Ready = Bootstrap & { url: string; doc: string; data: string };

export function announcement(ready: Ready, options: { json: boolean; startedInMs: number }): string {
  if (options.json) return JSON.stringify(ready);
  return `hakiri-control is ready after ${(options.startedInMs / 1000).toFixed(1)} s at ${ready.url}

  Sign in with your browser:
    ${ready.ownerLink}
  or from a terminal:
    npm run hakictl -- login '${ready.terminalLink}'
  (each works once, until ${localTime(ready.linksExpireAt)}; a restart prints new ones)

  What to do next:
    - import examples/hakiri.toml, edit a pipeline, press Apply
    - invite a colleague from the page: you see each other's edits as they happen

  Data is in ${ready.data}. Stop with Ctrl-C.`;
}

function localTime(at: string): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
