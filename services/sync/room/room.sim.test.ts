// A simulation of the room from one seed: clients edit, lag, disconnect and come back; the log stores in groups when it likes;
// the server dies and loads what was stored. At the end everybody holds the same, and nothing acknowledged is lost.
import { describe, expect, test } from 'bun:test';
import { createPrng, type Prng } from '@hakiri/base/prng';
import { createSystemRandom } from '@hakiri/substrate/random';
import { CrdtType, MessageType } from 'loro-protocol';
import { SimulatedClient, SimulatedHost, SimulatedLog } from '../testing/simulated-room.ts';
import { Room } from './room.ts';

const SEEDS = 60;
const STEPS = 250;
const CLIENTS = 4;
const ADDRESS = { crdt: CrdtType.Loro, roomId: 'default/main' };
const NOBODY = {
  edited: () => {},
  refused: () => {},
  acknowledged: () => {},
  joined: () => {},
  undetected: () => {},
};

class Simulation {
  readonly #prng: Prng;
  readonly #log = new SimulatedLog();
  readonly #clients = Array.from({ length: CLIENTS }, (_, index) => new SimulatedClient(index));
  #host: SimulatedHost;
  #room: Room;
  #lastPeer = 0;

  constructor(seed: number) {
    this.#prng = createPrng(seed);
    this.#host = new SimulatedHost(this.#log);
    this.#room = this.#start();
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      this.#step();
      // What one turn brings is told at its end.
      if (this.#prng.below(2) === 0) await Promise.resolve();
    }
    await this.#settle();
    const [first, ...others] = this.#clients;
    for (const other of others) expect(other.doc.toJSON()).toEqual(first?.doc.toJSON());
    expect(this.#log.durable.toJSON()).toEqual(first?.doc.toJSON());
  }

  #step(): void {
    const client = this.#prng.pick(this.#clients);
    const dice = this.#prng.below(100);
    if (dice < 30) client.edit(this.#prng);
    else if (dice < 55) this.#deliver(client);
    else if (dice < 70) this.#host.work(1 + this.#prng.below(4));
    else if (dice < 80) this.#log.store(1 + this.#prng.below(4));
    else if (dice < 88) this.#toggle(client);
    else if (dice < 94) this.#lag(client);
    else if (dice < 96) this.#crash();
    else for (let count = 0; count < 6; count++) this.#deliver(client);
    for (const one of this.#clients) this.#checkAcknowledged(one);
  }

  #start(): Room {
    this.#host = new SimulatedHost(this.#log);
    return new Room(this.#host, {
      address: ADDRESS,
      now: () => 0,
      random: createSystemRandom(),
      limits: { perFrame: 10, queueBytes: 1e9 },
      onChanged: () => {},
      onCold: () => {},
      onHealed: () => {},
      onConcurrent: () => {},
      onSpoilt: () => {
        throw new Error('nothing here waits for what is missing for long');
      },
      onBroken: ({ error }) => {
        throw new Error(error);
      },
      observe: NOBODY,
    });
  }

  #deliver(client: SimulatedClient): void {
    const { peer } = client;
    if (peer === undefined) return;
    const heard = this.#prng.below(2) === 0 ? client.toClient.shift() : undefined;
    if (heard !== undefined) {
      client.hear(heard);
      return;
    }
    const said = client.toServer.shift();
    if (said?.kind === 'update') this.#room.update(peer, [said.update], said.batchId);
    if (said?.kind === 'join') {
      this.#room.join(
        peer,
        {
          identity: { user: client.user, name: 'U' },
          permission: 'write',
          version: said.version,
          device: undefined,
          speaks: undefined,
        },
        (outcome) => expect(outcome.kind).toBe('joined'),
      );
    }
  }

  #toggle(client: SimulatedClient): void {
    if (client.peer === undefined) {
      this.#lastPeer += 1;
      client.connect(this.#lastPeer);
    } else {
      this.#room.leave(client.peer.id);
      client.disconnect();
    }
  }

  /** Its queue overflowed: what waited for it is dropped. */
  #lag(client: SimulatedClient): void {
    if (client.peer === undefined || !client.isIn) return;
    const kept = client.toClient.filter(({ type }) => type !== MessageType.DocUpdate);
    client.toClient.splice(0, client.toClient.length, ...kept);
    this.#room.fallBehind(client.peer.id);
  }

  #crash(): void {
    this.#log.lose();
    for (const client of this.#clients) client.disconnect();
    this.#room = this.#start();
  }

  /** The weather clears: everybody comes back and everything arrives. */
  async #settle(): Promise<void> {
    for (const client of this.#clients) if (client.peer === undefined) this.#toggle(client);
    for (let quiet = 0; quiet < 3; quiet++) {
      this.#host.work(Number.POSITIVE_INFINITY);
      this.#log.store(Number.POSITIVE_INFINITY);
      await Promise.resolve();
      for (const client of this.#clients)
        while (client.toServer.length + client.toClient.length > 0) {
          this.#deliver(client);
          this.#host.work(Number.POSITIVE_INFINITY);
          this.#log.store(Number.POSITIVE_INFINITY);
          await Promise.resolve();
          quiet = 0;
        }
    }
  }

  #checkAcknowledged(client: SimulatedClient): void {
    const durable = this.#log.durable.oplogVersion();
    for (const version of client.acknowledged.splice(0)) {
      const order = durable.compare(version);
      expect(order === 0 || order === 1).toBe(true);
    }
  }
}

describe('simulated rooms', () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    test(`[SY3.6] seed ${seed}: everybody converges, nothing acknowledged is lost`, () =>
      new Simulation(seed).run());
});
