import type { Tool, ToolCall } from '../ports.ts'
import type { CommandLine } from './command-line.ts'

/** What a model's wish comes to: the command that does it, or why it is none that may be done. */
export type ActionReading =
  | { readonly ok: true; readonly line: CommandLine }
  | { readonly ok: false; readonly complaint: string }

/**
 * What a model may ask for in a person's name. What it asks for becomes a command line and nothing else, which is done
 * under the rights of the person.
 */
export interface ActionBook {
  readonly tools: readonly Tool[]
  /** Never throws, whatever the call holds. */
  readonly read: (call: ToolCall) => ActionReading
}
