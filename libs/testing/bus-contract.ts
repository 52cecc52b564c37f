// What every Bus promises, as tests. The rules BU1 … are in libs/substrate/README.md.
import { afterEach, beforeEach, describe } from 'bun:test';
import type { Bus } from '@hakiri/substrate/bus';
import { durableBusTests, redeliveryTests } from './bus-contract-durable.ts';
import { fleetingBusTests } from './bus-contract-fleeting.ts';
import type { BusUnderTest } from './bus-under-test.ts';

export type BusFixture = {
  bus: Bus;
  /** Closes the bus and opens it again on the same store. */
  reopen(): Promise<Bus>;
  close(): Promise<void>;
};

export function busContract(name: string, make: () => Promise<BusFixture>): void {
  describe(`bus: ${name}`, () => {
    let fixture: BusFixture;
    let bus: Bus;
    let own = '';
    beforeEach(async () => {
      fixture = await make();
      bus = fixture.bus;
      own = `test-${crypto.randomUUID()}`;
    });
    afterEach(() => fixture.close());

    const under: BusUnderTest = {
      get bus() {
        return bus;
      },
      reopen: async () => {
        bus = await fixture.reopen();
      },
      fleeting: (...tokens) => ['hakiri', own, ...tokens].join('.'),
      durable: (...tokens) => ['hakiri', 'queue', own, ...tokens].join('.'),
    };
    fleetingBusTests(under);
    durableBusTests(under);
    redeliveryTests(under);
  });
}
