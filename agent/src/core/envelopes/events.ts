import type { EnvelopeRefusal, Intent } from '@ai-comms/shared'

/** Why something that came from a peer is not acted on, besides what the envelope's own law says. */
export type PeerRefusal =
  | EnvelopeRefusal
  | 'own'
  | 'name_mismatch'
  | 'identity_conflict'
  | 'bad_payload'
  | 'no_room'
  | 'not_a_member'
  | 'not_the_creator'
  | 'late'
  | 'storage'

/** Why a conversation between agents is not gone on with. */
export type EndReason = 'hops' | 'turns' | 'repeated' | 'rate' | 'busy' | 'acknowledgement' | 'ended'

/** What the audit log hears of agents and groups. Never a text, never a secret; `from` is the sender's own word. */
export type PeerAudit =
  | {
      readonly type: 'peer.refused'
      readonly why: PeerRefusal
      readonly detail: string
      readonly carrier: string
      readonly from: string | undefined
    }
  | { readonly type: 'peer.registered'; readonly agentId: string; readonly carrier: string; readonly proven: boolean }
  | { readonly type: 'peer.asked'; readonly agentId: string; readonly intent: Intent; readonly outcome: string }
  | { readonly type: 'peer.answered'; readonly agentId: string; readonly intent: Intent; readonly outcome: string }
  | { readonly type: 'peer.ended'; readonly agentId: string; readonly why: EndReason }
  | { readonly type: 'peer.broken'; readonly agentId: string; readonly err: unknown }
  | { readonly type: 'group.changed'; readonly groupId: string; readonly version: number; readonly what: string }
  | { readonly type: 'group.unreached'; readonly groupId: string; readonly agentId: string }
