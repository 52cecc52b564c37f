// The news that a revision was applied, as apply sends it. Without anything of a test, as a server of its own uses it too.
import type { Revision } from '@hakiri/contracts/revision';
import { ManifestApplied } from '@hakiri/contracts/subjects';
import type { Messaging } from '@hakiri/service/messaging';

let lastRevision = 0;

/** Later than anything before, also on a coarse clock. */
export async function applyRevision(
  bed: { deps: { messaging: Pick<Messaging, 'enqueue'> } },
  number: number = lastRevision + 1,
  more: Partial<Pick<Revision, 'version' | 'scope' | 'minor'>> = {},
): Promise<void> {
  lastRevision = number;
  const revision = {
    number,
    sequence: number,
    minor: 0,
    label: `v${number}`,
    file: `manifest@v${number}.toml`,
    digest: 'sha256:00',
    sizeBytes: 10,
    publishedAt: new Date(Date.now() + 5).toISOString(),
    author: 'alice',
    message: 'go',
    doc: 'main',
    version: 'AA',
    scope: { kind: 'all' as const },
    pipelines: 2,
    changed: [],
    ...more,
  };
  const cause = { actor: { kind: 'service', id: 'apply' } } as const;
  await bed.deps.messaging.enqueue(ManifestApplied, { team: 'default' }, cause, { doc: 'main', revision });
}
