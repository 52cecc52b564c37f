// What stands between the stock protocol client and the document, its presence and its news: sends what the ledger says and not
// whatever differs, because what others made is theirs to send.
import { JoinExtra } from '@hakiri/contracts/join';
import { Check } from '@sinclair/typebox/value';
import type { CrdtAdaptorContext } from 'loro-adaptors';
import { LoroAdaptor, LoroEphemeralAdaptor, LoroPersistentStoreAdaptor } from 'loro-adaptors/loro';
import {
  decodeImportBlobMeta,
  type EphemeralStore,
  type LoroDoc,
  type PeerID,
  VersionVector,
} from 'loro-crdt';
import { parseJson } from './errors.ts';
import type { Joined } from './sync-tally.ts';

export type DocumentEvents = {
  /** Membership begins, or begins anew: edits may be sent. `version` is durable on the server. */
  joined(as: Joined, version: ReadonlyMap<PeerID, number>): void;
  imported(update: Uint8Array): void;
  /** Updates that cannot be read, or that build on what this document does not have. */
  cannotImport(): void;
  /** Edits were not taken. */
  refused(updates: readonly Uint8Array[], code: string): void;
};

export class DocumentAdaptor extends LoroAdaptor {
  readonly #doc: LoroDoc;
  readonly #events: DocumentEvents;
  #context: CrdtAdaptorContext | undefined;
  #serverVersion: VersionVector | undefined;
  readonly #caughtUp = Promise.withResolvers<void>();

  constructor(doc: LoroDoc, events: DocumentEvents) {
    super(doc);
    this.#doc = doc;
    this.#events = events;
  }

  override setCtx(context: CrdtAdaptorContext): void {
    this.#context = context;
  }

  send(updates: Uint8Array[]): void {
    if (updates.length > 0) this.#context?.send(updates);
  }

  override getVersion(): Uint8Array {
    this.#doc.commit();
    const version = this.#doc.oplogVersion();
    const bytes = version.encode();
    version.free();
    return bytes;
  }

  override waitForReachingServerVersion(): Promise<void> {
    return this.#caughtUp.promise;
  }

  override async handleJoinOk(answer: Parameters<LoroAdaptor['handleJoinOk']>[0]): Promise<void> {
    const extra = parseJson(new TextDecoder().decode(answer.extra ?? new Uint8Array()));
    const joined = {
      permission: answer.permission,
      extra: Check(JoinExtra, extra) ? extra : undefined,
    };
    this.#serverVersion?.free();
    this.#serverVersion =
      answer.version.length > 0 ? VersionVector.decode(answer.version) : new VersionVector(null);
    this.#events.joined(joined, this.#serverVersion.toJSON());
    this.#lookWhetherCaughtUp();
  }

  override applyUpdate(updates: Uint8Array[]): void {
    for (const update of updates) {
      try {
        const { pending } = this.#doc.import(update);
        this.#events.imported(update);
        // Imported into a document that holds anything, a shallow snapshot may wait for ever for what lies before its root.
        const isStuck = (pending?.size ?? 0) > 0 && decodeImportBlobMeta(update, false).mode !== 'update';
        if (isStuck) this.#events.cannotImport();
      } catch {
        this.#events.cannotImport();
      }
    }
    this.#lookWhetherCaughtUp();
  }

  override onUpdateError(updates: Uint8Array[], status: number, reason?: string): void {
    this.#events.refused(updates, reason ?? `status_${status}`);
  }

  override destroy(): void {
    super.destroy();
    this.#context = undefined;
  }

  #lookWhetherCaughtUp(): void {
    if (!this.#serverVersion) return;
    const version = this.#doc.oplogVersion();
    if ((version.compare(this.#serverVersion) ?? -1) >= 0) this.#caughtUp.resolve();
    version.free();
  }
}

/** The stock adaptor; after a join it says again what was said here, and not what others said: that is theirs to say. */
export class OwnPresenceAdaptor extends LoroEphemeralAdaptor {
  readonly #own: ReadonlySet<string>;
  #context: CrdtAdaptorContext | undefined;
  constructor(presence: EphemeralStore, own: ReadonlySet<string>) {
    super(presence);
    this.#own = own;
  }

  override setCtx(context: CrdtAdaptorContext): void {
    super.setCtx(context);
    this.#context = context;
  }

  override async handleJoinOk(): Promise<void> {
    const store = this.getStore();
    for (const key of this.#own) this.#context?.send([store.encode(key)]);
  }
}

/** The stock adaptor of the `%EPS` room, in which the server speaks: it has nothing to hear from us at a join. */
export class NewsAdaptor extends LoroPersistentStoreAdaptor {
  override async handleJoinOk(): Promise<void> {}
}
