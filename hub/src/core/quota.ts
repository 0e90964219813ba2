/** A token bucket's state: what is left, and when that was true (monotonic milliseconds). */
export interface Bucket {
  tokens: number
  at: number
}

/** Size and refill of a bucket; `perSecond` 0 means without a limit. */
export interface BucketRate {
  readonly capacity: number
  readonly perSecond: number
}

/** A full bucket. */
export const fillBucket = (rate: BucketRate, now: number): Bucket => ({ tokens: rate.capacity, at: now })

/**
 * Takes one token if there is one.
 *
 * @see https://en.wikipedia.org/wiki/Token_bucket
 */
export const takeToken = (bucket: Bucket, rate: BucketRate, now: number): boolean => {
  if (rate.perSecond === 0) return true
  bucket.tokens = Math.min(rate.capacity, bucket.tokens + ((now - bucket.at) / 1_000) * rate.perSecond)
  bucket.at = now
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}
