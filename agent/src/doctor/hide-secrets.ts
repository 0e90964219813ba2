import type { Environment } from '@ai-comms/shared'
import type { Check } from './check.ts'

const SECRET_NAME = /(?:KEY|TOKEN|SECRET|SECRET_PREVIOUS|PASSWORD)$/
/** What is shorter is no secret worth the name, and may be a word of a sentence, such as `ollama`. */
const SECRET_CHARS_MIN = 8

/**
 * Puts a variable's name wherever its secret would be told. No check means to tell one; what a hub, a vendor or a system
 * says is not ours to promise for.
 */
export const hideSecrets = (env: Environment): ((check: Check) => Check) => {
  const secrets = Object.entries(env)
    .map(([name, value]) => ({ name, value: value?.trim() ?? '' }))
    .filter(({ name, value }) => SECRET_NAME.test(name) && value.length >= SECRET_CHARS_MIN)
    // a secret that holds another one goes first, or its rest would stay
    .sort((one, other) => other.value.length - one.value.length)
  const hide = (text: string) => secrets.reduce((left, { name, value }) => left.replaceAll(value, `[${name}]`), text)
  return (check) => ({
    ...check,
    detail: hide(check.detail),
    ...(check.fix === undefined ? {} : { fix: hide(check.fix) }),
  })
}
