// What a person, or a script, reads when everything is ready.
import type { Bootstrap } from './bootstrap.ts';

export type Ready = Bootstrap & { url: string; doc: string; data: string };

export function announcement(ready: Ready, options: { json: boolean; startedInMs: number }): string {
  if (options.json) return JSON.stringify(ready);
  return `hakiri-control is ready after ${(options.startedInMs / 1000).toFixed(1)} s at ${ready.url}

  Sign in (works once, until ${localTime(ready.ownerLinkExpiresAt)}; a restart prints a new one):
    ${ready.ownerLink}

  What to do next:
    - open the link, import examples/hakiri.toml, edit a pipeline, press Apply
    - or from a second terminal, with a link of its own:  npm run hakictl -- login <link>
    - invite a colleague from the page; both of you see each other's edits as they happen

  Data is in ${ready.data}. Stop with Ctrl-C.`;
}

function localTime(at: string): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
