import type { GroupMode } from '../groups/ports.ts'
import { type CommandLine, parseCommandLine, quoteName } from './command-line.ts'

/** A piece of a line: a name, which stands in quotes; or words that stand as they are. */
type Piece = { readonly name: string } | string

/** A line as a person would type it; undefined where a name cannot be written in quotes. */
const write = (...pieces: readonly Piece[]): CommandLine | undefined => {
  const texts = pieces.map((piece) => (typeof piece === 'string' ? piece : quoteName(piece.name)))
  return texts.includes(undefined) ? undefined : parseCommandLine(texts.filter((text) => text !== '').join(' '))
}

/** An agent as it is named, perhaps with its phone number: a plus, digits, and what people put between them. */
export interface NamedAgent {
  readonly name: string
  readonly number?: string | undefined
}

const toPieces = (agents: readonly NamedAgent[]): Piece[] =>
  agents.flatMap(({ name, number = '' }): Piece[] => [{ name }, number])

/** A group that is to be made. */
export interface GroupDraft {
  readonly name: string
  readonly members: readonly NamedAgent[]
  readonly purpose?: string | undefined
  readonly mode?: GroupMode | undefined
}

/** With a purpose the mode is written as well, so that none is read out of the purpose. */
const createGroup = ({ name, members, purpose, mode }: GroupDraft): CommandLine | undefined => {
  const written = mode ?? (purpose === undefined ? undefined : 'parallel')
  return write(
    ...['!group create', { name }, ...toPieces(members)],
    written === undefined ? '' : `mode: ${written}`,
    purpose === undefined ? '' : `purpose: ${purpose}`,
  )
}

/** Command lines as whoever reads plain language writes them. Free text comes last and stays as it is. */
export const WRITE = {
  listAgents: () => write('!agents'),
  askAgent: (agent: string, text: string) => write('!agents send', { name: agent }, text),
  askAll: (text: string) => write('!agents all', text),
  startTeam: (text: string) => write('!team', text),
  stopTeam: () => write('!team stop'),
  listGroups: () => write('!groups'),
  createGroup,
  addToGroup: (group: string, members: readonly NamedAgent[]) =>
    write('!group add', { name: group }, ...toPieces(members)),
  removeFromGroup: (group: string, members: readonly NamedAgent[]) =>
    write('!group remove', { name: group }, ...toPieces(members)),
  sendToGroup: (group: string, text: string) => write('!group send', { name: group }, text),
  leaveGroup: (group: string) => write('!group leave', { name: group }),
  showGroup: (group: string) => write('!group show', { name: group }),
} as const
