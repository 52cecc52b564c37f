// The status as it is told on: while somebody types, each letter would be saving and saved again, two more drawings of the page for
// a word that nobody can read. "Saved" is said when it has been so for a moment; everything else at once.
import type { SyncStatus } from '@hakiri/client/sync';

const SAVED_AFTER_MS = 300;

export function steadyStatus(tell: (status: SyncStatus) => void): {
  know(status: SyncStatus): void;
  close(): void;
} {
  let told: SyncStatus | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (status: SyncStatus): void => {
    told = status;
    tell(status);
  };
  return {
    know(status) {
      clearTimeout(timer);
      const [before, now] = [told?.kind, status.kind];
      // How many letters are on their way changes with each of them.
      if (now === 'saved' && before === 'saving') timer = setTimeout(say, SAVED_AFTER_MS, status);
      else if (now !== 'saving' || before !== 'saving' || isOther(told, status)) say(status);
    },
    close: () => clearTimeout(timer),
  };
}

function isOther(told: SyncStatus | undefined, status: SyncStatus): boolean {
  return told?.kind !== 'saving' || status.kind !== 'saving' || told.unsaved !== status.unsaved;
}
