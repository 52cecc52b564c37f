// A daemon's side of delivery: fetches the newest manifest, believes only what is signed with a key that it knows, hands it to
// the program, keeps it on disk, and says what runs. Whatever else is down, the last good manifest goes on running.
import { DAEMON_REPORT_MS, type DaemonReport, type SigningKey } from '@hakiri/contracts/delivery';
import { keyIdOf, trustedKeys } from '@hakiri/manifest/signature';
import type { Cached, DaemonCache } from './daemon-cache.ts';
import type { Fetched, ManifestSource } from './daemon-source.ts';
import { type RefusalCode, type VerifiedManifest, verifyManifest } from './daemon-verify.ts';
import { backoffMs, pause } from './wait.ts';

export type Adopted = VerifiedManifest & {
  /** Where it came from. */
  from: 'cache' | 'source';
  /** Whether it runs anything else than the one before. */
  runtimeChanged: boolean;
};

export type DaemonProblem =
  /** What came is not believed. */
  | { kind: 'refused'; code: RefusalCode; detail: string }
  /** `adopt` threw. */
  | { kind: 'failed'; error: unknown }
  /** The source has no manifest at all, though one runs: a mount that is gone, another bucket, another team. Said once; the one that runs goes on. */
  | { kind: 'empty'; detail: string }
  /** Nobody answers; asked again later. */
  | { kind: 'away'; error: unknown }
  /** The cache could not be written, or what was in it is not believed. */
  | { kind: 'cache'; error: unknown };

export type DaemonOptions = {
  source: ManifestSource;
  cache: DaemonCache;
  /** Unique among those who share the token. */
  name: string;
  /** Whose manifests are believed; that of the first one when absent. */
  team?: string;
  /** Keys that are believed; those that the source has when it is first asked when absent. */
  keys?: readonly SigningKey[];
  /** Runs the manifest from here on. When it throws, the one before goes on running and this one is tried again. */
  adopt(manifest: Adopted): Promise<void> | void;
  onProblem?(problem: DaemonProblem): void;
  reportMs?: number;
  now?: () => number;
};

export type Daemon = ReturnType<typeof createDaemon>;

/** What was refused is likely to come again: asking at once would be a loop. */
const REFUSED_PAUSE_MS = 5_000;
/** A source that should wait and answers "nothing" at once is not asked more often than this. */
const ASK_EVERY_MS = 1_000;
/** After a change daemons report within this time, not all in the same moment. */
const SPREAD_MS = 2_000;

const EMPTY =
  'The source has no manifest at all, though one runs from it or from the cache: look at the mount, the address and the team.';

export function createDaemon(options: DaemonOptions) {
  const { source, cache, name, adopt, reportMs = DAEMON_REPORT_MS, now = Date.now } = options;
  const onProblem = options.onProblem ?? (() => {});
  let keys: SigningKey[] = [...(options.keys ?? [])];
  let { team } = options;
  let current: VerifiedManifest | undefined;
  let since = new Date(now()).toISOString();
  let state: DaemonReport['state'] = 'running';
  let detail: string | undefined;
  let reportSoon = (): void => {};

  function become(next: DaemonReport['state'], why?: string): void {
    const changed = next !== state || why !== detail;
    state = next;
    detail = why?.slice(0, 500);
    if (changed) reportSoon();
  }

  /** What the cache holds is believed no more than what comes over the network. */
  async function begin(): Promise<void> {
    const cached = await cache.load();
    if (cached === undefined) return;
    if (options.keys === undefined) keys = cached.keys;
    else keys = await trustedKeys(options.keys, cached.keys);
    if (!cached.manifest) return;
    const verdict = await verifyManifest(cached.manifest, { keys, team });
    if (verdict.kind === 'refused') return onProblem({ kind: 'cache', error: new Error(verdict.detail) });
    await takeOver(cached.manifest, 'cache', cached.since);
  }

  /** True when it runs. */
  async function takeOver(
    manifest: VerifiedManifest,
    from: Adopted['from'],
    started = new Date(now()).toISOString(),
  ): Promise<boolean> {
    const runtimeChanged = manifest.signed.runtimeDigest !== current?.signed.runtimeDigest;
    try {
      await adopt({ ...manifest, from, runtimeChanged });
    } catch (error) {
      onProblem({ kind: 'failed', error });
      become('failed', error instanceof Error ? error.message : String(error));
      return false;
    }
    current = manifest;
    team = manifest.signed.team;
    since = started;
    state = 'running';
    detail = undefined;
    reportSoon();
    return true;
  }

  async function save(): Promise<void> {
    const cached: Cached = {
      format: 1,
      keys,
      ...(current ? { manifest: { signed: current.signed, toml: current.toml }, since } : {}),
    };
    await cache.save(cached).catch((error) => onProblem({ kind: 'cache', error }));
  }

  /** What the source offers is believed at first sight when the caller gave none, and later only what a known key endorses. */
  async function learnKeys(signal: AbortSignal): Promise<void> {
    const offered = await source.keys(signal);
    if (keys.length > 0) keys = await trustedKeys(keys, offered);
    else for (const key of offered) if ((await keyIdOf(key.x)) === key.kid) keys.push(key);
  }

  /** How long to wait before the next question. */
  async function take(fetched: Fetched, signal: AbortSignal): Promise<number> {
    const { signed, toml } = fetched;
    if (signed && !keys.some(({ kid }) => kid === signed.signature.key)) await learnKeys(signal);
    const verdict = await verifyManifest(fetched, { keys, team, last: current?.signed });
    if (verdict.kind === 'refused' || signed === undefined) {
      const { code, detail: why } =
        verdict.kind === 'refused' ? verdict : { code: 'unsigned' as const, detail: '' };
      onProblem({ kind: 'refused', code, detail: why });
      become('refused', why);
      return REFUSED_PAUSE_MS;
    }
    if (!(await takeOver({ signed, toml }, 'source'))) return REFUSED_PAUSE_MS;
    await save();
    return source.pauseMs;
  }

  /** Before the first manifest nothing is amiss. */
  function sayEmpty(): void {
    if (current !== undefined && detail !== EMPTY) onProblem({ kind: 'empty', detail: EMPTY });
    become('running', current && EMPTY);
  }

  async function follow(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; ) {
      const askedAtMs = performance.now();
      try {
        const fetched = await source.next(current, signal);
        attempt = 0;
        if (fetched === undefined) become('running');
        else if (fetched === 'empty') sayEmpty();
        const atLeastMs = ASK_EVERY_MS - (performance.now() - askedAtMs);
        const pauseMs =
          fetched === undefined || fetched === 'empty'
            ? Math.max(source.pauseMs, atLeastMs)
            : await take(fetched, signal);
        // Jitter, so that many daemons do not ask at once.
        await pause(pauseMs * (0.75 + Math.random() / 2), signal);
      } catch (error) {
        if (signal.aborted) return;
        onProblem({ kind: 'away', error });
        await pause(backoffMs(attempt), signal);
        attempt += 1;
      }
    }
  }

  async function tell(signal: AbortSignal): Promise<void> {
    for (;;) {
      const woken = new AbortController();
      reportSoon = () => woken.abort();
      if (signal.aborted || !source.report) return;
      await source.report(reportOf(), signal).catch((error) => onProblem({ kind: 'away', error }));
      await pause(reportMs * (0.9 + Math.random() / 5), AbortSignal.any([signal, woken.signal]));
      // A change tells so a moment later, not all daemons in the same one.
      if (woken.signal.aborted) await pause(Math.random() * Math.min(reportMs, SPREAD_MS), signal);
    }
  }

  function reportOf(): DaemonReport {
    const { sequence = 0, digest = '', runtimeDigest } = current?.signed ?? {};
    return {
      name,
      sequence,
      digest,
      ...(runtimeDigest === undefined ? {} : { runtimeDigest }),
      state,
      ...(detail === undefined ? {} : { detail }),
      since,
    };
  }

  return {
    /** From the cache first, then from the source, until the signal. Never throws because something is down. */
    run: async (signal: AbortSignal): Promise<void> => {
      await begin();
      await Promise.all([follow(signal), tell(signal)]);
    },

    /** What it would report now. */
    status: reportOf,
  };
}
