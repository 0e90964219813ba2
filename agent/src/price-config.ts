import { z } from 'zod'
import { findJsonValue } from './core/json-value.ts'
import type { Prices } from './core/usage.ts'

const EXAMPLE = `{"openai":{"in":0.4,"out":1.6},"anthropic/claude-sonnet-5-5":{"in":3,"out":15}}`
const MISTAKE = `must be JSON such as ${EXAMPLE}: prices of a million tokens by provider, or by provider/model`

/** Highest price of a million tokens that is taken for one. */
const PRICE_MAX = 1_000_000

const price = z.strictObject({ in: z.number().min(0).max(PRICE_MAX), out: z.number().min(0).max(PRICE_MAX) })
const toTable = (providers: readonly string[]) =>
  z.record(
    z.string().refine((key) => providers.some((name) => key === name || key.startsWith(`${name}/`))),
    price,
  )

/**
 * Prices of tokens as one variable: models are many, and two variables for each would be more than all the others.
 *
 * @param providers whose prices may be told
 */
export const prices = (providers: readonly string[]) =>
  z.string().transform((text, context): Prices => {
    const read = toTable(providers).safeParse(findJsonValue(text))
    if (read.success) return read.data
    context.addIssue({ code: 'custom', message: MISTAKE })
    return z.NEVER
  })
