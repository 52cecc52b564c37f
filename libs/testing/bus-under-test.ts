// What the tests of the bus contract work with.
import type { Bus } from '@hakiri/substrate/bus';

/** What a test works with: the current bus, and subjects that no other test uses. */
export type BusUnderTest = {
  readonly bus: Bus;
  reopen(): Promise<void>;
  fleeting(...tokens: string[]): string;
  durable(...tokens: string[]): string;
};
