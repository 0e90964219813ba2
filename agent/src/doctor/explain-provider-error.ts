import type { ProviderSettings } from '../adapters/providers/catalog.ts'
import type { ProviderErrorKind } from '../core/events.ts'
import type { ProviderError } from '../core/failures.ts'
import { toSpanText } from './check.ts'

/** What there is to say about a provider that gave no answer. */
export interface Explanation {
  readonly status: 'warn' | 'fail'
  readonly detail: string
  readonly fix: string
}

/** Who was asked, and by which variables that is set. */
export interface Asked {
  readonly settings: ProviderSettings
  /** The variable whose key was used, or the one that would hold it. */
  readonly keyVariable: string | undefined
}

type Explain = (error: ProviderError, asked: Asked) => Explanation

/** Vendors that a program on a machine of the user's own stands in for, and how it is brought up. */
const LOCAL_START: Readonly<Record<string, string>> = {
  ollama: 'Start it with "ollama serve"',
  openclaw: 'Start it with "openclaw gateway"',
}

const hostOf = ({ baseUrl }: ProviderSettings): string => URL.parse(baseUrl)?.host ?? 'its base URL'

const variable = ({ settings }: Asked, member: string): string => `${settings.row.prefix}_${member}`

/** Status and word of the vendor, which hold no secret: `(HTTP 401, invalid_api_key)`. */
const toFacts = ({ status, vendorCode }: ProviderError): string => {
  const facts = [...(status === undefined ? [] : [`HTTP ${status}`]), ...(vendorCode === undefined ? [] : [vendorCode])]
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`
}

const explainModel: Explain = (error, asked) => {
  const { settings } = asked
  const model = variable(asked, 'MODEL')
  return {
    status: 'fail',
    detail: `It has no model ${settings.model} for you${toFacts(error)}.`,
    fix:
      settings.row.name === 'ollama'
        ? `Run "ollama pull ${settings.model}", or set ${model} to a model that "ollama list" shows.`
        : `Set ${model} to a model that your account has, and look whether ${variable(asked, 'BASE_URL')} is right if you set it.`,
  }
}

const explainAuth: Explain = (error, asked) => {
  const { settings, keyVariable } = asked
  const { name } = settings.row
  if (error.isModelSpecific) return explainModel(error, asked)
  if (keyVariable === undefined) {
    return {
      status: 'fail',
      detail: `${hostOf(settings)} asks for a key${toFacts(error)}.`,
      fix: `Point ${variable(asked, 'BASE_URL')} at a server that asks for none.`,
    }
  }
  if (settings.apiKey === undefined) {
    return {
      status: 'fail',
      detail: `It asks for a key${toFacts(error)}.`,
      fix: `Write its key into ${keyVariable}.`,
    }
  }
  if (error.status === 402 || /quota|billing|balance|credit|payment/.test(error.vendorCode ?? '')) {
    return {
      status: 'fail',
      detail: `The account of ${keyVariable} has nothing left to spend${toFacts(error)}.`,
      fix: `Add credit to the account at ${name}, or put the key of another account into ${keyVariable}.`,
    }
  }
  return error.status === 403
    ? {
        status: 'fail',
        detail: `The key in ${keyVariable} may not use ${settings.model}${toFacts(error)}.`,
        fix: `Give the key that right at ${name}, or set ${variable(asked, 'MODEL')} to a model that it may use.`,
      }
    : {
        status: 'fail',
        detail: `It does not take the key in ${keyVariable}${toFacts(error)}.`,
        fix: `Make a key in your account at ${name} and put it into ${keyVariable}.`,
      }
}

const explainNetwork: Explain = (error, asked) => {
  const { settings } = asked
  const start = LOCAL_START[settings.row.name]
  const baseUrl = variable(asked, 'BASE_URL')
  return {
    status: 'fail',
    detail: `${hostOf(settings)} cannot be reached${toFacts(error)}.`,
    fix:
      start === undefined
        ? `Look whether this machine reaches ${hostOf(settings)}, and whether ${baseUrl} is right if you set it.`
        : `${start}, or set ${baseUrl} to where it runs.`,
  }
}

const explainInvalid: Explain = (error, asked) => ({
  status: 'fail',
  detail: error.isModelSpecific
    ? `${asked.settings.model} does not take these settings${toFacts(error)}.`
    : `It does not understand what it is asked${toFacts(error)}.`,
  fix: `Look whether ${variable(asked, 'BASE_URL')} and ${variable(asked, 'MODEL')} are right, and delete what else you set for ${asked.settings.row.name}.`,
})

const explainTimeout: Explain = (error, asked) => {
  if (error.vendorCode === 'connect_timeout' || error.vendorCode === undefined) {
    return {
      status: 'fail',
      detail: `${hostOf(asked.settings)} takes the question and does not answer.`,
      fix: `Run the doctor again; if it stays so, look whether ${variable(asked, 'BASE_URL')} is right and the server is well.`,
    }
  }
  return {
    status: 'warn',
    detail: `${asked.settings.model} was not done with one word in the time that the doctor waits.`,
    fix: `Run the doctor again, since a model may have to be loaded; if it stays so, set ${variable(asked, 'MODEL')} to a faster one.`,
  }
}

const EXPLAIN: Readonly<Record<ProviderErrorKind, Explain>> = {
  auth: explainAuth,
  network: explainNetwork,
  invalid: explainInvalid,
  timeout: explainTimeout,
  'rate-limit': (error) => ({
    status: 'warn',
    detail: `It is reached, and takes no more questions for now${toFacts(error)}.`,
    fix: `Wait${error.retryAfterMs === undefined ? '' : ` ${toSpanText(error.retryAfterMs)}`}, and name another provider in AI_FALLBACK_PROVIDERS for such times.`,
  }),
  overload: (error, asked) => ({
    status: 'fail',
    detail: `It is reached, and fails by itself${toFacts(error)}.`,
    fix: `Run the doctor again in a few minutes; if it stays so, look at the status page of ${asked.settings.row.name}, and at ${variable(asked, 'BASE_URL')} if you set it.`,
  }),
  context: (error, asked) => ({
    status: 'fail',
    detail: `Even one line is too long for ${asked.settings.model}${toFacts(error)}.`,
    fix: `Set ${variable(asked, 'MODEL')} to another model, or lower ${variable(asked, 'MAX_TOKENS')}.`,
  }),
  policy: (error, asked) => ({
    status: 'warn',
    detail: `${asked.settings.model} refuses to answer even a greeting${toFacts(error)}.`,
    fix: `Set ${variable(asked, 'MODEL')} to another model, or loosen the filter of the account.`,
  }),
  truncated: (error, asked) => ({
    status: 'fail',
    detail: `Its answer is empty or has no end${toFacts(error)}.`,
    fix: `Look whether ${variable(asked, 'BASE_URL')} leads to a server of this kind, and raise ${variable(asked, 'MAX_TOKENS')} if you set it.`,
  }),
  canceled: (error) => ({
    status: 'warn',
    detail: `The question was given up${toFacts(error)}.`,
    fix: 'Run the doctor again.',
  }),
}

/** Says what a provider's failure means for whoever set it up. */
export const explainProviderError = (error: ProviderError, asked: Asked): Explanation =>
  EXPLAIN[error.kind](error, asked)
