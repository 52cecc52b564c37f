// A rate with a burst: `capacity` at once, then `perSecond`. Plain state and a function of time, so that whoever keeps many
// buckets decides how many.

export type BucketRate = { capacity: number; perSecond: number };
export type Bucket = { tokens: number; atMs: number };

export function fullBucket(rate: BucketRate, nowMs: number): Bucket {
  return { tokens: rate.capacity, atMs: nowMs };
}

/** The bucket afterwards, and whether there were `cost` tokens in it. A clock that goes back refills nothing. */
export function takeToken(
  bucket: Bucket,
  rate: BucketRate,
  nowMs: number,
  cost = 1,
): { bucket: Bucket; taken: boolean } {
  const elapsedS = Math.max(0, nowMs - bucket.atMs) / 1000;
  const tokens = Math.min(rate.capacity, bucket.tokens + elapsedS * rate.perSecond);
  const taken = tokens >= cost;
  return { bucket: { tokens: taken ? tokens - cost : tokens, atMs: nowMs }, taken };
}
