// The document's owner as apply sees it: every version there ever was, answered over the real bus in small pages.
import { toBase64Url, utf8 } from '@hakiri/base/bytes';
import type { ConfigDraft, PipelineDraft } from '@hakiri/contracts/config';
import { DEFAULT_DOC } from '@hakiri/contracts/names';
import { EditDocument, GetOutline, GetTouched, Materialize, SettleTouched } from '@hakiri/contracts/subjects';
import type { MaterializeReply, MaterializeRequest } from '@hakiri/contracts/sync';
import { scopeFilter } from '@hakiri/manifest/scope';
import type { Messaging } from '@hakiri/service/messaging';

const PAGE_PIPELINES = 3;

export function keyOf(number: number): string {
  return `01HZ${String(number).padStart(22, '0')}`;
}

export function pipeline(number: number, changes: Partial<PipelineDraft> = {}): PipelineDraft {
  const id = `p-${number}`;
  return {
    key: keyOf(number),
    id,
    name: `Pipeline ${number}`,
    description: '',
    tags: [],
    group: number % 2 === 0 ? 'even' : 'odd',
    enabled: true,
    source: { kind: 'csv', ref: `${id}.csv` },
    destination: { table: `raw.p${number}` },
    schedule: { kind: 'cron', expr: '0 6 * * *' },
    placement: { kind: 'auto' },
    transforms: [],
    schema: {},
    ...changes,
  };
}

/** A document with all its versions, answering as sync's owner does. */
export type Peer = ReturnType<typeof createPeer>;

/** `documents`, each with all its versions, outlive a restart. */
export function createPeer(messaging: Messaging, documents: Map<string, ConfigDraft[]>) {
  const answered = { materialize: 0, edit: 0, touched: 0 };
  const moved = new Map<string, { to: string; pipelines: string[] }[]>();
  const archived = new Set<string>();
  const removed = new Set<string>();
  let away = false;
  const meanwhile: (() => void)[] = [];
  const versionsOf = (doc: string): ConfigDraft[] => {
    const versions = documents.get(doc) ?? [];
    documents.set(doc, versions);
    return versions;
  };
  const docOf = (subject: string): string => subject.split('.').at(-1) ?? '';
  const nameOf = (index: number): string => toBase64Url(utf8(`version ${index}`));
  const current = (doc = DEFAULT_DOC): ConfigDraft =>
    versionsOf(doc).at(-1) ?? { pipelines: [], variables: [] };
  const version = (doc = DEFAULT_DOC): string => nameOf(versionsOf(doc).length);

  function materialize(doc: string, { scope, version: wanted, after }: MaterializeRequest): MaterializeReply {
    const versions = versionsOf(doc);
    const index = versions.findIndex((_, position) => nameOf(position + 1) === wanted);
    const at = versions[index];
    if (versions.length === 0) return { kind: 'no_document' };
    if (!at) return { kind: 'version_unknown' };
    const inScope = at.pipelines.filter(scopeFilter(scope));
    const now = new Map(current(doc).pipelines.map((one) => [one.key, JSON.stringify(one)]));
    const touched = inScope.filter((one) => now.get(one.key) !== JSON.stringify(one)).map(({ key }) => key);
    if (touched.length > 0) return { kind: 'moved', pipelines: touched };
    const start = after === undefined ? 0 : Number(after);
    const end = start + PAGE_PIPELINES;
    return {
      kind: 'page',
      pipelines: inScope.slice(start, end),
      variables: start === 0 ? at.variables : [],
      ...(end < inScope.length ? { next: String(end) } : {}),
    };
  }

  let faults = 0;
  let editLimit = Number.POSITIVE_INFINITY;
  let touchedLimit = Number.POSITIVE_INFINITY;
  let isFull = false;
  const reachable = (): void => {
    if (faults > 0) {
      faults -= 1;
      throw new Error('the document was stopped');
    }
    if (away) throw new Error('away');
  };
  const subscriptions = [
    messaging.respond(Materialize, 'sync', 'sync', async ({ data }, subject) => {
      reachable();
      answered.materialize += 1;
      return materialize(docOf(subject), data);
    }),
    messaging.respond(GetOutline, 'sync', 'sync', async (_envelope, subject) => {
      reachable();
      const doc = docOf(subject);
      const told = version(doc);
      meanwhile.shift()?.();
      return { version: told, pipelines: [], variables: [], moved: moved.get(doc) ?? [] };
    }),
    messaging.respond(GetTouched, 'sync', 'sync', async ({ data }, subject) => {
      reachable();
      if (answered.touched >= touchedLimit) throw new Error('the document was stopped');
      answered.touched += 1;
      const { pipelines, variables } = current(docOf(subject));
      const { named } = data;
      const isNamed = (names: readonly string[] | undefined, ...own: unknown[]): boolean =>
        names === undefined || own.some((name) => typeof name === 'string' && names.includes(name));
      return {
        kind: 'page' as const,
        version: version(docOf(subject)),
        isWhole: false,
        pipelines: pipelines.filter(({ key, id }) => isNamed(named?.pipelines, key, id)),
        variables: variables.filter(({ key, name }) => isNamed(named?.variables, key, name)),
        gone: { pipelines: [], variables: [] },
        tooLarge: [],
      };
    }),
    messaging.respond(SettleTouched, 'sync', 'sync', async () => ({})),
    messaging.respond(EditDocument, 'sync', 'sync', async ({ data }, subject) => {
      reachable();
      const doc = docOf(subject);
      if (removed.has(doc))
        return { kind: 'refused' as const, code: 'not_found', detail: `Create the document ${doc} first.` };
      if (archived.has(doc))
        return { kind: 'refused' as const, code: 'document_archived', detail: `${doc} is archived.` };
      if (isFull)
        return { kind: 'refused' as const, code: 'storage_full', detail: 'There is no room for edits.' };
      if (Object.values(data).every((list) => Array.isArray(list) && list.length === 0))
        return { kind: 'done' as const, version: version(doc), changed: 0 };
      if (answered.edit >= editLimit) throw new Error('the document was stopped');
      answered.edit += 1;
      const pipelines = new Map(current(doc).pipelines.map((one) => [one.key, one]));
      const variables = new Map(current(doc).variables.map((one) => [one.key, one]));
      for (const one of data.put) pipelines.set(one.key, one);
      for (const one of data.putVariables) variables.set(one.key, one);
      // What each edit here names as looked at is the newest: nobody comes in between.
      for (const key of [...data.delete, ...(data.deleteUnchanged?.pipelines ?? [])]) pipelines.delete(key);
      for (const key of data.deleteVariables) variables.delete(key);
      versionsOf(doc).push({ pipelines: [...pipelines.values()], variables: [...variables.values()] });
      return { kind: 'done' as const, version: version(doc), changed: data.put.length };
    }),
  ];

  return {
    current,
    version,
    answered,
    /** Makes a new version; returns its name. */
    edit: (draft: ConfigDraft, doc = DEFAULT_DOC): string => {
      versionsOf(doc).push(draft);
      return version(doc);
    },
    /** What a move took out of `doc`. */
    setMoved: (doc: string, records: { to: string; pipelines: string[] }[]): void => {
      moved.set(doc, records);
    },
    archive: (doc: string): void => {
      archived.add(doc);
    },
    /** As in a sync that was set up anew, and has never had it. */
    remove: (doc: string): void => {
      removed.add(doc);
      documents.delete(doc);
    },
    create: (doc: string): void => {
      removed.delete(doc);
    },
    /** The next `count` requests fail, as with a document whose log failed under it. */
    failNext: (count: number): void => {
      faults = count;
    },
    /** After so many edits every further one fails. */
    setEditLimit: (value: number): void => {
      editLimit = value;
    },
    /** After so many answers to what was touched every further one fails. */
    setTouchedLimit: (value: number): void => {
      touchedLimit = value;
    },
    /** Each of them happens once, when somebody was told the version and reads the document at it. */
    editWhileRead: (...edits: (() => void)[]): void => {
      meanwhile.push(...edits);
    },
    /** Its log has no room: what is there is read, nothing is written. */
    setFull: (value: boolean): void => {
      isFull = value;
    },
    setAway: (value: boolean): void => {
      away = value;
    },
    close: async () => {
      for (const subscription of subscriptions) await subscription.close();
    },
  };
}
