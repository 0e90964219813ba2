import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** Arguments that cannot be; the message is one sentence that says what is allowed. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'
}

/** Reads the arguments of a command. @throws {ArgumentError} when there is an option that it does not know */
export const readArguments = <const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (cause) {
    // Node's own sentences go on with advice that does not fit here
    const [reason = 'Wrong arguments'] = cause instanceof Error ? cause.message.split(/[.\n]/) : []
    throw new ArgumentError(`${reason} (see --help).`, { cause })
  }
}
