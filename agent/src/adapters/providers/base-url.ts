/** The base that the OpenAI SDK wants, ending in `/v1`, whether or not the operator wrote it; another path is kept. */
export const toOpenAiBase = (baseUrl: string): string => {
  const trimmed = baseUrl.replace(/\/+$/, '')
  return URL.parse(trimmed)?.pathname === '/' ? `${trimmed}/v1` : trimmed
}

/** The base that the Anthropic SDK wants, without `/v1`, whether or not the operator wrote it. */
export const toAnthropicBase = (baseUrl: string): string => baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '')
