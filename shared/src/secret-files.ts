import type { Environment } from './env.ts'
import { toFileVariable } from './secret-variables.ts'

/** Largest file that a secret may stand in, in bytes: far beyond any secret, and read in one go. */
export const SECRET_FILE_BYTES_MAX = 65_536

/** What is asked of `node:fs`; this package reads nothing by itself. */
export interface SecretFiles {
  statSync(path: string): { readonly size: number; isFile(): boolean }
  readFileSync(path: string): Uint8Array
}

/** What came of reading the files of secrets. */
export interface SecretsRead {
  /** The environment as if each secret that was read had been set itself. */
  readonly env: Environment
  /** What is wrong, each with its variable and path, and never with what a file holds. */
  readonly mistakes: readonly string[]
  /** Secrets that those mistakes are about: what they are is not known, which is not the same as missing. */
  readonly unknown: ReadonlySet<string>
}

type FileRead = { readonly secret: string } | { readonly problem: string }

/** A secret in the place of its path is a likely slip, and must not be quoted: long hex, or letters and digits in a mess. */
const LIKE_A_SECRET = /^(?:(?:hex:)?[0-9a-f]{32,}|(?![./~])(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=:.-]{20,})$/

const isSet = (env: Environment, name: string): boolean => (env[name]?.trim() ?? '') !== ''

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

const toSecret = (bytes: Uint8Array): FileRead => {
  if (bytes.length > SECRET_FILE_BYTES_MAX) return { problem: 'is larger than 64 KiB' }
  const text = decode(bytes)?.replace(/\r?\n$/, '')
  if (text === undefined || text.includes('\0')) return { problem: 'is no text in UTF-8' }
  if (/[\r\n]/.test(text)) return { problem: 'has more than one line' }
  return text.trim() === '' ? { problem: 'is empty' } : { secret: text }
}

const readFile = (path: string, files: SecretFiles): FileRead => {
  try {
    const found = files.statSync(path)
    // a pipe or a device could keep the start waiting, or never end
    if (!found.isFile()) return { problem: 'is no regular file' }
    return found.size > SECRET_FILE_BYTES_MAX
      ? { problem: 'is larger than 64 KiB' }
      : toSecret(files.readFileSync(path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed'
    return { problem: `cannot be read (${code})` }
  }
}

const toMistake = (variable: string, path: string, problem: string): string =>
  LIKE_A_SECRET.test(path)
    ? `${variable} must be the path of a file that holds the secret, not the secret itself`
    : `${variable} names ${path}, which ${problem}`

/** Variables of a process over those of a file: a secret that the process sets in one form hides both forms of the file. */
export const overlayEnvironment = (own: Environment, file: Environment, secrets: readonly string[]): Environment => {
  const hidden = secrets.filter((name) => own[name] !== undefined || own[toFileVariable(name)] !== undefined)
  const names = new Set([...hidden, ...hidden.map(toFileVariable)])
  return { ...Object.fromEntries(Object.entries(file).filter(([name]) => !names.has(name))), ...own }
}

/**
 * Reads those secrets that stand in files of their own: where `X_FILE` is set it names the file that holds `X`, as Docker
 * and systemd hand secrets over. A newline at the end is not part of a secret. Both set is a mistake: nobody could say
 * which one is meant, and one of them may be old.
 *
 * @param names the secrets that this program takes; those of others are left alone, since it may not read them
 */
export const readSecretFiles = (env: Environment, names: readonly string[], files: SecretFiles): SecretsRead => {
  const read: Record<string, string | undefined> = { ...env }
  const mistakes: string[] = []
  const unknown = new Set<string>()
  for (const name of names) {
    const variable = toFileVariable(name)
    const path = env[variable]?.trim() ?? ''
    delete read[variable]
    if (path === '') continue
    const found = isSet(env, name) ? undefined : readFile(path, files)
    if (found !== undefined && 'secret' in found) {
      read[name] = found.secret
      continue
    }
    delete read[name]
    unknown.add(name)
    mistakes.push(
      found === undefined
        ? `${name} and ${variable} are both set; keep one of them`
        : toMistake(variable, path, found.problem),
    )
  }
  return { env: read, mistakes, unknown }
}
