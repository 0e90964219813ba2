import { CATALOG, type ProviderRow } from './catalog.ts'

const toHost = (baseUrl: string): string => URL.parse(baseUrl)?.host ?? ''

const rows: readonly ProviderRow[] = CATALOG
const VERSIONLESS_HOSTS = new Set(rows.filter((row) => row.isVersionless).map((row) => toHost(row.baseUrl)))

/** A step of a path such as `v1` or `v1beta`. */
const VERSION_STEP = /\/v\d[a-z0-9]*(?=\/|$)/

/**
 * The base that the OpenAI SDK wants, whether or not the operator wrote its `/v1`. A path that names a version anywhere
 * is kept as it is, and the hosts that have none get none.
 */
export const toOpenAiBase = (baseUrl: string): string => {
  const trimmed = baseUrl.trim().replace(/\/+$/, '')
  if (VERSIONLESS_HOSTS.has(toHost(trimmed))) return trimmed.replace(/\/v1$/, '')
  return VERSION_STEP.test(URL.parse(trimmed)?.pathname ?? '') ? trimmed : `${trimmed}/v1`
}

/** The base that the Anthropic SDK wants, without `/v1`, whether or not the operator wrote it. */
export const toAnthropicBase = (baseUrl: string): string => baseUrl.trim().replace(/\/+$/, '').replace(/\/v1$/, '')
