// What a simulation of sync consists of: clients, their sockets, processes and the disk, and how all of it goes on.
import { present } from '@hakiri/base/assert';
import type { Prng } from '@hakiri/base/prng';
import { createSimulatedClock } from '@hakiri/testing/simulated-clock';
import { type Device, SimulatedClient } from './simulated-client.ts';
import { SimulatedDisk } from './simulated-log.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import { Violation } from './simulated-truth.ts';

export const TEAM = 'default';
/** Two tabs of one user and another device of theirs, two with a stock client; one of those in another document, too. */
const PEOPLE = [
  ['alice', 'main', 'laptop'],
  ['alice', 'main', 'laptop'],
  ['alice', 'main', 'phone'],
  ['bob', 'main', undefined],
  ['carol', 'main', undefined],
  ['bob', 'other', undefined],
  ['dave', 'other', 'laptop'],
] as const;
const ROUNDS_LIMIT = 60;
const HOST_COUNTS = ['orders', 'traps', 'hangs', 'deaths'] as const;

export class SimulatedWorld {
  readonly prng: Prng;
  readonly disk = new SimulatedDisk();
  readonly clock = createSimulatedClock();
  readonly clients: SimulatedClient[];
  readonly counts: Record<string, number> = {};
  /** The last is the one that goes on. */
  processes: SimulatedProcess[] = [];
  /** Sockets that their client has left and the server takes for open. */
  ghosts: SimulatedSocket[] = [];
  /** Something that ran beside it found that a rule is broken. */
  broken: unknown;
  readonly #seed: number;
  readonly #sockets: SimulatedSocket[] = [];
  #started = 0;

  constructor(seed: number, prng: Prng) {
    this.#seed = seed;
    this.prng = prng;
    const devices = new Map<string, Device>();
    this.clients = PEOPLE.map(([user, doc, device], index) => {
      const key = `${user} ${doc} ${device}`;
      const known = devices.get(key) ?? { id: `device-${device}`, ends: new Map(), held: new Map() };
      devices.set(key, known);
      return new SimulatedClient(index, `${TEAM}/${doc}`, user, device === undefined ? undefined : known);
    });
  }

  get now(): SimulatedProcess {
    return present(this.processes.at(-1), 'there is always one');
  }

  count(what: string, more = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + more;
  }

  /** Everything that was counted, by process, socket and disk, too. */
  report(): Record<string, number> {
    for (const process of this.processes) this.#countHosts(process);
    for (const { refusals } of this.#sockets) this.count('refusals', refusals.length);
    return { ...this.counts, ...this.disk.counts };
  }

  /** Whatever can go on without network, disk and threads has. */
  async drain(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const broken = this.broken ?? this.disk.broken;
    if (broken !== undefined) throw broken;
  }

  start(): void {
    this.#started += 1;
    const [number, seed] = [this.#started, this.#seed];
    this.processes.push(
      new SimulatedProcess({
        number,
        seed,
        log: this.disk.logOf(number),
        clock: this.clock,
        count: (what) => this.count(what),
      }),
    );
  }

  kill(process: SimulatedProcess): void {
    process.die();
    this.disk.abandon(process.number, this.prng);
    this.#countHosts(process);
    this.processes = this.processes.filter((one) => one !== process);
  }

  connect(client: SimulatedClient): void {
    const process = this.prng.below(4) === 0 ? this.prng.pick(this.processes) : this.now;
    const socket = new SimulatedSocket(this.disk.truthOf(client.name));
    this.#sockets.push(socket);
    process.connect(socket);
    client.connect(socket);
  }

  /** One frame, to or from the server, or that the socket has closed. */
  deliver(client: SimulatedClient): void {
    const { socket } = client;
    if (socket === undefined) return;
    const mayHear = !socket.isOpen || !socket.isStalled;
    const isHeard = socket.toServer.length === 0 || !socket.isOpen || this.prng.below(2) === 0;
    const message = mayHear && isHeard ? socket.toClient.shift() : undefined;
    if (message !== undefined) client.hear(message);
    else if (!socket.isOpen) client.disconnect();
    else socket.deliver();
  }

  /** Everything works until `done`. */
  async drive(done: () => boolean): Promise<void> {
    for (let round = 0; !done(); round++) {
      if (round > 1_000) throw new Violation('it does not come to an end');
      await this.#work();
      if (round % 20 === 19) await this.clock.advance(1_000);
    }
  }

  /** The weather clears: everybody comes back and everything arrives. */
  async settle(): Promise<void> {
    for (const process of this.processes.slice(0, -1)) this.kill(process);
    for (const ghost of this.ghosts.splice(0)) ghost.end();
    for (const client of this.clients) {
      client.socket?.unstall();
      if (!client.socket?.isOpen) this.#comeBack(client);
    }
    for (let round = 0; ; round++) {
      for (let quiet = 0; quiet < 3; quiet++) if (await this.#work()) quiet = -1;
      // A host that hangs is ended some time later.
      for (const { socket } of this.clients)
        if (round > ROUNDS_LIMIT / 2 && socket?.isOpen && socket.unanswered > 0)
          throw new Violation('somebody gets no answer');
      const late = this.clients.filter((client) => !this.#isSettled(client));
      if (late.length === 0) return;
      if (round > ROUNDS_LIMIT)
        throw new Violation(`${late.map(({ user }) => user)} cannot get rid of their edits`);
      for (const client of late) this.#comeBack(client);
      await this.clock.advance(700);
    }
  }

  #isSettled(client: SimulatedClient): boolean {
    const ends = new Map<string, number>(client.doc.oplogVersion().toJSON());
    const truth = this.disk.truthOf(client.name);
    const hasAll = [...truth.counters].every(([peer, end]) => ends.get(peer) === end);
    return client.isSettled && truth.includes(ends) && hasAll;
  }

  #comeBack(client: SimulatedClient): void {
    if (client.socket?.isOpen) client.join();
    else {
      client.disconnect()?.end();
      this.connect(client);
    }
  }

  /** False when nothing was left to do. */
  async #work(): Promise<boolean> {
    let worked = false;
    for (const client of this.clients)
      while (client.socket?.isBusy) {
        this.deliver(client);
        worked = true;
      }
    for (const { hosts } of this.processes)
      for (let count = 0; hosts.isBusy && count < 100; count++) {
        hosts.step(this.prng);
        worked = true;
      }
    while (this.disk.waiting > 0) {
      this.disk.step(this.prng);
      await this.drain();
      worked = true;
    }
    await this.drain();
    return worked;
  }

  #countHosts({ hosts }: SimulatedProcess): void {
    for (const name of HOST_COUNTS) this.count(name, hosts.counts[name]);
  }
}
