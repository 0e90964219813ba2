import type { PeerAddress } from '../envelopes/ports.ts'
import type { GroupView } from './group-view.ts'
import type { GroupMode } from './ports.ts'

/** A group that is to be made. */
export interface GroupWish {
  readonly name: string
  /** Names, with a chat where the hub does not know them. This agent itself need not be named. */
  readonly members: readonly PeerAddress[]
  readonly purpose?: string
  readonly mode?: GroupMode
  /** The person who wants it, as the channel names it. */
  readonly owner: string
}

/** Why something is not done with a group, for people. */
export type GroupFault =
  | 'bad_name'
  | 'name_taken'
  | 'nobody'
  | 'too_many_members'
  | 'too_many_groups'
  | 'no_such_group'
  | 'no_such_member'
  | 'not_the_creator'
  | 'empty'
  | 'too_long'
  | 'storage'

/** What came of it; `missing` are names that nobody answered to. */
export type GroupOutcome =
  | { readonly ok: true; readonly group: GroupView; readonly missing: readonly string[] }
  | { readonly ok: false; readonly why: GroupFault; readonly missing?: readonly string[] }

/** What came of a person's message: who will answer it, by name. */
export type SayOutcome =
  | { readonly ok: true; readonly group: GroupView; readonly answerers: readonly string[] }
  | { readonly ok: false; readonly why: GroupFault }
