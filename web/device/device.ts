// All that the page needs of what it runs in, and the only place where a desktop shell differs from a browser: where a session and
// documents are kept, and how somebody who looks elsewhere is told. docs/desktop.md says how a shell gives its own.
import type { ReplicaStore } from '@hakiri/client/replica-store';
import type { SessionStore } from '@hakiri/client/session';

export type Device = {
  /** A browser's local storage; a shell's keychain. */
  session: SessionStore & {
    /** Another window signed out, or in as somebody else. */
    onOtherUser(handler: () => void): void;
  };
  /** A browser's IndexedDB; a shell's files. */
  replicas: ReplicaStore;
  notifications: {
    /** Asks the person when that is how it works here. Whether they may be shown from now on. */
    allow(): Promise<boolean>;
    isAllowed(): boolean;
    show(note: { title: string; text: string; tag: string; open: () => void }): void;
  };
};
