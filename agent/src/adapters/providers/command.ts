import { basename } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { ProviderError } from '../../core/failures.ts'
import type { Clock, Completion, CompletionOptions, Prompt, Provider } from '../../core/ports.ts'
import type { Command, ProviderSettings } from './catalog.ts'
import { PATIENCE_BOUNDS, Patience, type PatienceBounds } from './patience.ts'
import { type ProgramEnd, RunningProgram } from './running-program.ts'

/** Most bytes of an answer; a program that writes more is ended, and what there is counts as cut short. */
export const OUTPUT_BYTES_MAX = 1_048_576

/** Most characters of what a program complained about that go into the log. */
const COMPLAINT_CHARS_MAX = 300

/** Words of the system that mean: this program cannot be started here, now or later. */
const UNSTARTABLE: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'ENOEXEC', 'ENOTDIR', 'E2BIG', 'EPERM'])

/** The end of the standard error in one line; it goes where the vendors' codes go, to the log and never to the asker. */
const toComplaint = (stderr: string): string => {
  const line = stderr.replace(/\s+/g, ' ').trim()
  return line === '' ? '' : `: ${line.slice(-COMPLAINT_CHARS_MAX)}`
}

/**
 * A program of this machine, run anew for each task: the message is its standard input, its standard output the answer,
 * streamed as it comes. It is never given to a shell, runs in a process group of its own, and is ended with all of it
 * when its time is over.
 */
export class CommandProvider implements Provider {
  readonly name: string
  readonly model: string
  readonly #command: Command
  readonly #clock: Clock
  readonly #bounds: PatienceBounds

  constructor(settings: ProviderSettings, clock: Clock) {
    if (!settings.command) throw new Error('a command provider needs a command')
    this.name = settings.row.name
    this.model = basename(settings.command.argv[0])
    this.#command = settings.command
    this.#clock = clock
    this.#bounds = settings.patience ?? PATIENCE_BOUNDS
  }

  /** @throws {ProviderError} when there is no whole answer */
  async complete(prompt: Prompt, options: CompletionOptions): Promise<Completion> {
    if (options.signal.aborted) throw new ProviderError('canceled')
    const patience = new Patience(options, this.#clock, this.#bounds, false)
    const program = new RunningProgram(this.#command, this.#clock)
    const end = () => program.end()
    patience.signal.addEventListener('abort', end, { once: true })
    if (patience.signal.aborted) end()
    try {
      return await this.#converse(program, prompt.turns.at(-1)?.text ?? '', options, patience)
    } finally {
      patience.end()
    }
  }

  async #converse(program: RunningProgram, message: string, options: CompletionOptions, patience: Patience) {
    const decoder = new StringDecoder('utf8')
    let text = ''
    let bytes = 0
    const tell = (piece: string) => {
      text += piece
      if (piece !== '') options.onText(piece)
    }
    program.onOutput((chunk) => {
      patience.heard()
      if (bytes >= OUTPUT_BYTES_MAX) return
      const fitting = chunk.subarray(0, OUTPUT_BYTES_MAX - bytes)
      bytes += fitting.byteLength
      tell(decoder.write(fitting))
      if (bytes >= OUTPUT_BYTES_MAX) program.end()
    })
    const ended = await program.ask(message)
    const cutShort = bytes >= OUTPUT_BYTES_MAX
    if (!cutShort) tell(decoder.end())
    const failure = patience.findError() ?? (cutShort ? undefined : toFailure(ended))
    if (failure) throw failure
    if (text.trim() === '') throw new ProviderError('truncated', { vendorCode: 'no output' })
    return { text, cutShort }
  }
}

const toFailure = (ended: ProgramEnd): ProviderError | undefined => {
  if (ended.type === 'unstarted') {
    const { code } = ended
    return UNSTARTABLE.has(code)
      ? new ProviderError('invalid', { vendorCode: code, isModelSpecific: true })
      : new ProviderError('overload', { vendorCode: code })
  }
  if (ended.code === 0) return undefined
  const how = ended.signal === null ? `exit ${ended.code}` : ended.signal
  return new ProviderError('overload', { vendorCode: `${how}${toComplaint(ended.stderr)}` })
}
