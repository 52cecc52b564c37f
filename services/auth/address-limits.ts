// How often one address may try a code or a refresh token. The table is bounded: the address not seen for longest leaves it.
import { type Bucket, type BucketRate, fullBucket, takeToken } from '@hakiri/service/token-bucket';

type AddressLimits = { allows(address: string, nowMs: number): boolean };

export function createAddressLimits(rate: BucketRate, limitAddresses: number): AddressLimits {
  const buckets = new Map<string, Bucket>();
  return {
    allows: (address, nowMs) => {
      const { bucket, taken } = takeToken(buckets.get(address) ?? fullBucket(rate, nowMs), rate, nowMs);
      buckets.delete(address);
      buckets.set(address, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > limitAddresses && oldest !== undefined) buckets.delete(oldest);
      return taken;
    },
  };
}
