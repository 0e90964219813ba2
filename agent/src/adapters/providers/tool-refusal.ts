import { ProviderError } from '../../core/failures.ts'
import type { VendorWords } from './vendor-body.ts'

/** A failure that speaks of tools: the same question without them may well be answered. */
export class ToolRefusal extends ProviderError {
  /** Whether the next question with tools will fail like this one. */
  readonly isLasting: boolean

  constructor(isLasting: boolean, ...error: ConstructorParameters<typeof ProviderError>) {
    super(...error)
    this.isLasting = isLasting
  }
}

/** Groq's word for a call that its model has written badly, which the next one need not be. */
export const TOOL_SLIP = 'tool_use_failed'

const MENTION = /\b(?:tool|function)s?(?:\b|_)/i

/** Whether what a vendor says speaks of tools. */
export const speaksOfTools = ({ words, sentence }: VendorWords): boolean =>
  [sentence, ...words].some((each) => MENTION.test(each))
