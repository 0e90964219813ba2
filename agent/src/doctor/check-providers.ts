import type { ProviderSettings } from '../adapters/providers/catalog.ts'
import { findLocalModel } from '../adapters/providers/find-local-model.ts'
import { type Check, skip, warn } from './check.ts'
import { checkProvider, type ProviderCheckParts } from './check-provider.ts'

const NAME = 'provider'

const CHOOSE =
  'Write OPENAI_API_KEY=<your key>, ANTHROPIC_API_KEY=<your key>, or AI_PROVIDER=ollama with Ollama running, into'

/** What an agent does for which nobody chose a provider: it takes an Ollama that is there, and else echoes. */
export const checkNobodyChosen = async (
  local: ProviderSettings,
  place: string,
  parts: ProviderCheckParts,
): Promise<Check> => {
  const none = 'No AI provider is chosen'
  if (parts.offline) {
    return warn(NAME, `${none}: without an Ollama on this machine the agent only echoes.`, `${CHOOSE} ${place}.`)
  }
  const model = await findLocalModel(local)
  if (model !== undefined) return checkProvider({ ...local, model }, parts)
  return warn(NAME, `${none} and no Ollama answers on this machine: the agent only echoes.`, `${CHOOSE} ${place}.`)
}

/** What is said when mistakes of the configuration leave nobody to ask. */
export const skipProviders = (): Check => skip(NAME, 'Not asked: the mistakes above come first.')
