// One step of a simulation: somebody does something, something arrives, is done or stored, or goes wrong.
import type { SimulatedClient } from './simulated-client.ts';
import { HANGING, type HostFault, TRAPPING } from './simulated-hosts.ts';
import type { DiskFailure } from './simulated-log.ts';
import type { SimulatedRequests } from './simulated-requests.ts';
import type { SimulatedWorld } from './simulated-world.ts';

const HOST_FAULTS: readonly HostFault[] = ['trap', 'hang', 'die'];
const DISK_FAILURES: readonly DiskFailure[] = ['full', 'lost_before', 'lost_after'];
/** No update of Loro, and nothing at which a host fails. */
const NOISE = Uint8Array.of(1, 2, 3, 4);

type Step = (world: SimulatedWorld, client: SimulatedClient, requests: SimulatedRequests) => unknown;

/** How often, in thousandths of what happens. */
const STEPS: readonly (readonly [number, Step])[] = [
  [240, ({ prng }, client) => client.edit(prng)],
  [260, (world, client) => times(world, 8, () => world.deliver(client))],
  [190, perform],
  [140, (world) => times(world, 6, () => world.disk.step(world.prng))],
  [50, toggle],
  [15, stall],
  [25, ({ clock, prng }) => clock.advance(prng.pick([10, 100, 100, 700, 2_500]))],
  [10, (_world, _client, requests) => requests.ask()],
  [8, ({ prng }, client) => client.dismiss(prng)],
  [10, forge],
  [3, poison],
  [10, ({ ghosts }) => ghosts.shift()?.end()],
  [12, ({ ghosts, prng }) => ghosts[prng.below(ghosts.length)]?.deliver()],
  [5, ({ processes, prng }) => prng.pick(processes).hosts.step(prng, prng.pick(HOST_FAULTS))],
  [4, ({ disk, prng }) => disk.step(prng, prng.pick(DISK_FAILURES))],
  [6, reload],
  [4, crash],
  [3, (world) => world.start()],
  [5, retire],
];
const WHOLE = STEPS.reduce((sum, [weight]) => sum + weight, 0);

export async function step(world: SimulatedWorld, requests: SimulatedRequests): Promise<void> {
  world.count('steps');
  let dice = world.prng.below(WHOLE);
  for (const [weight, act] of STEPS) {
    dice -= weight;
    if (dice < 0) {
      await act(world, world.prng.pick(world.clients), requests);
      break;
    }
  }
  // Sometimes two come in one turn.
  if (world.prng.below(3) > 0) await world.drain();
}

function times({ prng }: SimulatedWorld, limit: number, act: () => void): void {
  for (let left = 1 + prng.below(limit); left > 0; left--) act();
}

function perform(world: SimulatedWorld): void {
  const { hosts } = world.prng.pick(world.processes);
  times(world, 12, () => hosts.step(world.prng));
}

function toggle(world: SimulatedWorld, client: SimulatedClient): void {
  const left = client.disconnect();
  if (left === undefined) world.connect(client);
  else leave(world, left);
}

function leave(world: SimulatedWorld, left: SimulatedWorld['ghosts'][number]): void {
  if (world.prng.below(3) > 0) left.end();
  else world.ghosts.push(left);
}

function stall(world: SimulatedWorld, { socket }: SimulatedClient): void {
  if (socket === undefined || !socket.isOpen) return;
  world.count('stalls');
  if (socket.isStalled) socket.unstall();
  else socket.isStalled = true;
}

function reload(world: SimulatedWorld, client: SimulatedClient): void {
  const left = client.disconnect();
  if (left !== undefined) leave(world, left);
  world.count('reloads');
  client.reload(`${10_000 + (world.counts.reloads ?? 0)}`);
}

/** New operations under an id that is somebody else's, right where it ends. */
function forge(world: SimulatedWorld, client: SimulatedClient): void {
  const owners = [...world.disk.truthOf(client.name).owners];
  const theirs = owners.filter(([, owner]) => owner !== client.user);
  if (client.socket === undefined || theirs.length === 0) return;
  world.count('forged');
  const [peer] = world.prng.pick(theirs);
  const forger = client.doc.fork();
  const from = forger.oplogVersion();
  forger.setPeerId(peer as `${number}`);
  forger.getMap('scratch').set('forged', client.user);
  forger.commit();
  client.sendRaw(forger.export({ mode: 'update', from }));
  forger.free();
}

function poison(world: SimulatedWorld, client: SimulatedClient): void {
  world.count('poison');
  const { prng } = world;
  client.sendRaw(Uint8Array.of(...prng.pick([TRAPPING, HANGING, NOISE]), ...prng.bytes(8)));
}

function crash(world: SimulatedWorld): void {
  world.count('crashes');
  world.kill(world.prng.pick(world.processes));
  if (world.processes.length === 0) world.start();
}

/** Of two at one time the older goes. */
function retire(world: SimulatedWorld): void {
  const [first, second] = world.processes;
  if (first !== undefined && second !== undefined) world.kill(first);
}
