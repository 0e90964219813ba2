import type { Environment } from '@ai-comms/shared'
import { buildProvider } from '../adapters/providers/build-provider.ts'
import type { ProviderRow, ProviderSettings } from '../adapters/providers/catalog.ts'
import { ProviderError } from '../core/failures.ts'
import type { Clock, Prompt } from '../core/ports.ts'
import { type Check, type DoctorBounds, fail, ok, skip, toSpanText } from './check.ts'
import { checkCommand } from './check-command.ts'
import { explainProviderError } from './explain-provider-error.ts'

/** What the check of a provider needs. */
export interface ProviderCheckParts {
  readonly env: Environment
  readonly offline: boolean
  readonly clock: Clock
  readonly bounds: DoctorBounds
}

/** As small a question as there is. Its settings are the agent's own, since they may be what is wrong. */
const PROMPT: Prompt = {
  system: 'You are asked whether you can be reached. Answer with one word.',
  turns: [{ role: 'user', text: 'Say: ready', isFramed: true }],
}

/** What no key has, such as blanks and quotes; the SDKs would only say that no connection came about. */
const NO_KEY = /[^\x21-\x7e]|["'<>]/

/** The name of a provider's check. */
export const toProviderCheckName = ({ row }: ProviderSettings): string => `provider ${row.name}`

/** The variable that a provider's key was taken from, or belongs into. */
const findKeyVariable = ({ keys, inherits }: ProviderRow, env: Environment): string | undefined => {
  const names = [...keys, ...(inherits === undefined ? [] : [`${inherits}_API_KEY`])]
  return names.find((name) => env[name]?.trim()) ?? keys[0]
}

const describeKey = (keyVariable: string | undefined, apiKey: string | undefined): string =>
  keyVariable === undefined || apiKey === undefined ? 'without a key' : `${keyVariable} of ${apiKey.length} characters`

const ask = async (settings: ProviderSettings, keyVariable: string | undefined, parts: ProviderCheckParts) => {
  const { clock, bounds } = parts
  const name = toProviderCheckName(settings)
  const patience = { connectMs: bounds.connectMs, firstTokenMs: bounds.answerMs, idleMs: bounds.answerMs }
  try {
    const provider = await buildProvider({ ...settings, patience }, clock)
    // from here on, since it is the provider's time that counts, and not that of loading its SDK
    const startedAt = clock.now()
    await provider.complete(PROMPT, {
      signal: new AbortController().signal,
      deadlineAt: startedAt + bounds.answerMs,
      onText: () => {},
    })
    const took = toSpanText(clock.now() - startedAt)
    return ok(name, `${settings.model} answered in ${took}, ${describeKey(keyVariable, settings.apiKey)}.`)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return { name, ...explainProviderError(error, { settings, keyVariable }) }
  }
}

/** Asks one provider one tiny question through the adapter that the agent uses; a program is only looked for. */
export const checkProvider = async (settings: ProviderSettings, parts: ProviderCheckParts): Promise<Check> => {
  const name = toProviderCheckName(settings)
  const { row, apiKey, model, command } = settings
  if (command !== undefined) return checkCommand(name, command)
  if (row.dialect === 'echo') return ok(name, 'It sends every task back as it came, and asks no model.')
  const keyVariable = findKeyVariable(row, parts.env)
  if (apiKey !== undefined && NO_KEY.test(apiKey)) {
    return fail(
      name,
      `${keyVariable} holds what no key has: a blank, a quote, a bracket or a letter beyond ASCII.`,
      `Copy the key anew from your account at ${row.name}, and write it after ${keyVariable}= without anything around it.`,
    )
  }
  if (parts.offline) return skip(name, `Not asked (--offline): ${model}, ${describeKey(keyVariable, apiKey)}.`)
  return ask(settings, keyVariable, parts)
}
