// One random history: a world of real code and the model do the same, and have to agree on what is pending, what is refused and all
// that is published.
import { createPrng, type Prng } from '@hakiri/base/prng';
import { deleteGroup, groupPathOf, renameGroup } from '@hakiri/config-doc/groups';
import { groupsOf, transformsOf } from '@hakiri/config-doc/schema';
import type { DiscardBody } from '@hakiri/contracts/pending';
import type { RevertBody, RevertResult } from '@hakiri/contracts/revert';
import type { Revision } from '@hakiri/contracts/revision';
import type { Scope } from '@hakiri/contracts/scope';
import type { EditRequest } from '@hakiri/contracts/sync';
import { parseManifest } from '@hakiri/manifest/parse';
import { canonicalDraft } from '@hakiri/manifest/shape';
import type { LoroDoc } from 'loro-crdt';
import type { Pending } from '../pending-world.ts';
import { byKey, hasDoubles, same, told } from './agreement.ts';
import { anyPipeline, anyScope, anyVariable, pipelineKey, variableKey } from './entries.ts';
import { isSameContent, type Kind, OracleModel } from './model.ts';

/** What a history is played on. */
export type World = {
  version(): Promise<string>;
  edit(edit: Partial<EditRequest>): Promise<unknown>;
  /** Sync's own view of the document, and an editor's hand in it; absent where services are asked over their interfaces alone. */
  document?: { loro: LoroDoc; isResting: boolean; write(edit: (doc: LoroDoc) => void): void };
  /** Sync hears of revisions only now. */
  tell?(): void;
  apply(scope: Scope, at?: string): Promise<{ state: string; why?: string }>;
  pending(): Promise<Pending>;
  discard(body: DiscardBody): Promise<{ discarded: string[]; kept: string[] }>;
  revert(body: RevertBody): Promise<RevertResult & { code?: string }>;
  rest(): Promise<void>;
  body(): Promise<string>;
  revisions(): Promise<Revision[]>;
  restart(isBased?: boolean): Promise<void>;
  close(): Promise<void>;
};
export type Tally = Record<'applies' | 'refused' | 'minors' | 'discards' | 'reverts' | 'comparisons', number>;

const KINDS = ['pipelines', 'variables'] as const;
const STEPS = 24;

/** Closes `world`. @throws Error that says where the two differ, with the seed. */
export async function playOracle(world: World, seed: number, steps = STEPS): Promise<Tally> {
  const play = new Play(world, createPrng(seed));
  let step = 0;
  try {
    for (; step < steps; step++) await play.step();
    await play.agree();
    return play.tally;
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`seed ${seed}, step ${step}, ${play.doing}: ${what}`);
  } finally {
    await world.close();
  }
}

class Play {
  readonly tally: Tally = { applies: 0, refused: 0, minors: 0, discards: 0, reverts: 0, comparisons: 0 };
  readonly #model = new OracleModel();
  readonly #world: World;
  readonly #prng: Prng;
  #isTold = true;
  doing = 'nothing';

  constructor(world: World, prng: Prng) {
    this.#world = world;
    this.#prng = prng;
  }

  async step(): Promise<void> {
    const choice = this.#prng.below(20);
    if (choice < 6) await this.#editPipelines();
    else if (choice < 8) await this.#editVariables();
    else if (choice === 8) this.#editBesides();
    else if (choice < 12) await this.#apply(anyScope(this.#prng, this.#model));
    else if (choice === 12) await this.#applyWhatWasSeen();
    else if (choice < 15) await this.#rest();
    else if (choice < 17) await this.#discard();
    else if (choice === 17) await this.#revertAll();
    else if (choice === 18) await this.#revertSome();
    else if (this.#prng.below(3) === 0) await this.#restart();
    if (this.#prng.below(2) === 0) this.#tell();
    if (this.#prng.below(3) === 0) await this.agree();
  }

  async agree(): Promise<void> {
    this.tally.comparisons += 1;
    const [found, expected] = [await this.#world.pending(), this.#model.pending()];
    for (const kind of KINDS) same(`pending ${kind}`, told(found[kind]), told(expected[kind]));
    const [newest] = await this.#world.revisions();
    same('the label', newest?.label ?? 'v0', this.#model.label);
    const parsed = parseManifest(await this.#world.body());
    if (parsed.kind !== 'parsed') throw new Error('what was published does not parse');
    const live = canonicalDraft(parsed.draft);
    for (const kind of KINDS) same(`live ${kind}`, byKey(live[kind]), byKey(this.#model.live[kind].values()));
  }

  async #editPipelines(): Promise<void> {
    const key = pipelineKey(this.#prng);
    const { pipelines } = this.#model.doc;
    this.doing = `edit ${key}`;
    if (this.#prng.below(6) === 0) {
      pipelines.delete(key);
      await this.#world.edit({ delete: [key] });
      return;
    }
    const draft = anyPipeline(this.#prng, key, pipelines.get(key));
    pipelines.set(key, structuredClone({ ...draft }));
    await this.#world.edit({ put: [draft] });
  }

  async #editVariables(): Promise<void> {
    const key = variableKey(this.#prng);
    const { variables } = this.#model.doc;
    this.doing = `edit ${key}`;
    if (this.#prng.below(4) === 0) {
      variables.delete(key);
      await this.#world.edit({ deleteVariables: [key] });
      return;
    }
    const others = [...variables].filter(([other]) => other !== key).map(([, entry]) => entry);
    const draft = anyVariable(this.#prng, key, others);
    variables.set(key, { ...draft });
    await this.#world.edit({ putVariables: [draft] });
  }

  /** Groups are renamed and deleted, and steps taken from their pipelines, by whoever has the document open. */
  #editBesides(): void {
    const { document } = this.#world;
    if (document === undefined) return;
    const { pipelines } = this.#model.doc;
    const nodes = groupsOf(document.loro).getNodes({ withDeleted: false });
    const paths = nodes.map(({ id }) => [id, groupPathOf(document.loro, id)] as const);
    const steps = transformsOf(document.loro).keys().map(String).sort();
    if (paths.length === 0 || (steps.length > 0 && this.#prng.below(3) === 0)) {
      if (steps.length === 0) return;
      const step = this.#prng.pick(steps);
      this.doing = `delete the step ${step}`;
      document.write((doc) => transformsOf(doc).delete(step));
      for (const entry of pipelines.values())
        if (Array.isArray(entry.transforms))
          entry.transforms = entry.transforms.filter((one) => one.key !== step);
      return;
    }
    const [id, path] = this.#prng.pick(paths);
    const name = this.#prng.pick(['x', 'y', 'z', 'w']);
    const isDeleted = this.#prng.below(3) === 0;
    const renamed = [...path.split('/').slice(0, -1), name].join('/');
    if (!isDeleted && paths.some(([, other]) => other === renamed)) return;
    this.doing = isDeleted ? `delete the group ${path}` : `rename the group ${path} to ${renamed}`;
    document.write((doc) => void (isDeleted ? deleteGroup(doc, id) : renameGroup(doc, id, name)));
    for (const entry of pipelines.values()) {
      const group = String(entry.group);
      if (group === path || group.startsWith(`${path}/`))
        entry.group = isDeleted ? '' : renamed + group.slice(path.length);
    }
  }

  async #apply(scope: Scope, at?: string): Promise<boolean> {
    this.doing = `apply ${JSON.stringify(scope)}`;
    this.tally.applies += 1;
    const { state, why } = await this.#world.apply(scope, at);
    this.#isTold = false;
    const isLive = this.#model.apply(scope);
    if (!isLive) this.tally.refused += 1;
    if ((state === 'published') !== isLive)
      throw new Error(`${isLive ? 'the model publishes' : 'the model refuses'}, found ${state} ${why}`);
    return isLive;
  }

  /** Somebody goes on editing between the look and the Apply. */
  async #applyWhatWasSeen(): Promise<void> {
    const seen = await this.#world.version();
    await this.#editPipelines();
    if (this.#prng.below(2) === 0) await this.#editVariables();
    const scope = anyScope(this.#prng, this.#model);
    this.doing = `apply ${JSON.stringify(scope)} of before the last edits`;
    const { state, why } = await this.#world.apply(scope, seen);
    this.#isTold = false;
    // Whoever is unsure says moved; what nobody touched never is.
    if (state === 'moved') {
      if ((await this.#world.version()) === seen)
        throw new Error('nothing was touched, and it is said to be');
      return;
    }
    if ((state === 'published') !== this.#model.apply(scope))
      throw new Error(`the model says otherwise: ${state} ${why}`);
  }

  async #rest(): Promise<void> {
    this.doing = 'rest';
    const after = this.#model.minor();
    const { document } = this.#world;
    if (this.#model.label === 'v0') return;
    if (document !== undefined && this.#isTold) {
      const { isResting } = document;
      if (after !== undefined && !isResting)
        throw new Error('nobody says that there is a minor revision to be made');
      if (!isResting) return;
    }
    await this.#world.rest();
    if (after === undefined) return;
    this.tally.minors += 1;
    this.#isTold = false;
    const [minor, before] = await this.#world.revisions();
    same('what runs', minor?.runtimeDigest, before?.runtimeDigest);
    this.#model.publishMinor(after);
  }

  async #discard(): Promise<void> {
    const pending = this.#model.pending();
    const chosen = KINDS.flatMap((kind) => pending[kind].map((change) => ({ kind, change }))).filter(
      () => this.#prng.below(3) === 0,
    );
    if (chosen.length === 0) return;
    this.tally.discards += 1;
    const asked = chosen.map(({ kind, change: { key, fields = [] } }) => {
      const paths = fields.map(({ path }) => path).filter((path) => !path.startsWith('/transforms'));
      const some = paths.filter(() => this.#prng.below(4) === 0);
      return { kind, key, ...(some.length === 0 ? {} : { fields: some }) };
    });
    this.doing = `discard ${JSON.stringify(asked)}`;
    const named = (wanted: Kind) => asked.filter(({ kind }) => kind === wanted);
    const version = this.#prng.below(2) === 0 ? { version: await this.#world.version() } : {};
    const result = await this.#world.discard({
      ...version,
      pipelines: named('pipelines').map(({ kind: _kind, key, ...rest }) => ({ pipeline: key, ...rest })),
      variables: named('variables').map(({ kind: _kind, key, ...rest }) => ({ variable: key, ...rest })),
    });
    for (const { kind, key, fields } of asked) this.#model.discard(kind, key, fields);
    same('discarded', [...result.discarded].sort(), asked.map(({ key }) => key).sort());
    same('kept', result.kept, []);
  }

  async #revertAll(): Promise<void> {
    const { revisions, doc } = this.#model;
    if (revisions.length === 0 || hasDoubles(doc.variables.values())) return;
    const { label, live } = this.#prng.pick(revisions);
    this.doing = `revert to ${label}`;
    this.tally.reverts += 1;
    const [result] = (await this.#world.revert({ to: label })).documents;
    this.#model.revertAll(label);
    if (result?.scope === undefined || this.#prng.below(2) === 0) {
      if (result?.scope === undefined)
        same('to be applied', this.#model.pending(), { pipelines: [], variables: [] });
      return;
    }
    await this.agree();
    if (!(await this.#apply(result.scope, result.version)) || !isSameContent(this.#model.live, live)) return;
    const all = await this.#world.revisions();
    same('the bytes', all[0]?.digest, all.find((one) => one.label === label)?.digest);
  }

  async #revertSome(): Promise<void> {
    const { revisions, doc } = this.#model;
    if (revisions.length === 0 || hasDoubles(doc.variables.values())) return;
    const { label, live } = this.#prng.pick(revisions);
    const known = [...live.pipelines.values(), ...this.#model.live.pipelines.values()];
    if (known.length === 0) return;
    const names = Array.from({ length: 1 + this.#prng.below(2) }, () => {
      const { key, id } = this.#prng.pick(known);
      return String(this.#prng.below(2) === 0 ? key : id);
    });
    this.doing = `revert ${names.join(', ')} to ${label}`;
    this.tally.reverts += 1;
    const keys = names.map((name) => this.#model.keyIn(label, name));
    const { code, documents } = await this.#world.revert({ to: label, pipelines: names });
    same('whether it is refused', code, keys.includes(undefined) ? 'invalid_config' : undefined);
    if (code !== undefined) return;
    const [result] = documents;
    const newKey = (name: unknown): string =>
      result?.variables.find(({ kind, id }) => kind === 'added' && id === name)?.key ?? 'none';
    this.#model.revertSome(label, [...new Set(keys.flatMap((key) => key ?? []))], newKey);
    if (result?.scope !== undefined && this.#prng.below(2) === 0) {
      await this.agree();
      await this.#apply(result.scope, result.version);
    }
  }

  #tell(): void {
    this.#world.tell?.();
    this.#isTold = true;
  }

  async #restart(): Promise<void> {
    // The news is in a queue that outlives a crash.
    this.#tell();
    this.doing = 'restart';
    await this.#world.restart(this.#prng.below(3) === 0);
  }
}
