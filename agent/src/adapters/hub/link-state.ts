/** What the link is doing; each state carries only what it has. */
export type LinkState<Socket> =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly socket: Socket; readonly attempt: number }
  | { readonly name: 'greeting'; readonly socket: Socket; readonly attempt: number; readonly refusal?: string }
  | {
      readonly name: 'online'
      readonly socket: Socket
      readonly attempt: number
      readonly since: number
      /** The protocol that the hub speaks: 1 knows nothing of accepted, progress and delta. */
      readonly level: number
      readonly frameBytesMax: number
    }
  | { readonly name: 'waiting'; readonly attempt: number }
  | { readonly name: 'stopped'; readonly because: string }

/** Name of a state of the link. */
export type LinkName = LinkState<unknown>['name']

/** Allowed moves. Nothing leaves `stopped`: it needs a person, or it was one who stopped the link. */
export const LINK_MOVES: { readonly [Name in LinkName]: readonly LinkName[] } = {
  idle: ['connecting', 'stopped'],
  connecting: ['greeting', 'waiting', 'stopped'],
  greeting: ['online', 'waiting', 'stopped'],
  online: ['waiting', 'stopped'],
  waiting: ['connecting', 'stopped'],
  stopped: [],
}

/** Whether the link may move from one state to the other. */
export const mayLinkMove = (from: LinkName, to: LinkName): boolean => LINK_MOVES[from].includes(to)

/** The socket of a state that has one. */
export const findSocket = <Socket>(state: LinkState<Socket>): Socket | undefined =>
  'socket' in state ? state.socket : undefined

/** The number of the attempt that a state belongs to; 0 for the first. */
export const findAttempt = (state: LinkState<unknown>): number => ('attempt' in state ? state.attempt : 0)
