import { z } from 'zod'
import { toOpenAiBase } from './base-url.ts'
import type { ProviderSettings } from './catalog.ts'

/** How long a model server on this machine may take to say that it is there, in milliseconds. */
export const PROBE_MS_MAX = 1_000

const modelList = z.object({ data: z.array(z.object({ id: z.string() })).nullable() })

/**
 * The models of an OpenAI-compatible server, or undefined when it does not answer within a second: whatever the reason
 * is, the agent then goes on without it and says so.
 */
export const findLocalModels = async (baseUrl: string): Promise<readonly string[] | undefined> => {
  try {
    const answer = await fetch(`${toOpenAiBase(baseUrl)}/models`, { signal: AbortSignal.timeout(PROBE_MS_MAX) })
    const parsed = modelList.safeParse(await answer.json())
    return parsed.success ? (parsed.data.data ?? []).map(({ id }) => id) : undefined
  } catch {
    // refused, too slow, no JSON: all of it says that no model server is there
    return undefined
  }
}

/** The model to ask of a server on this machine: the one of its settings where it has that, else its first. */
export const findLocalModel = async ({ baseUrl, model }: ProviderSettings): Promise<string | undefined> => {
  const models = (await findLocalModels(baseUrl)) ?? []
  return models.find((each) => each === model || each.startsWith(`${model}:`)) ?? models[0]
}
