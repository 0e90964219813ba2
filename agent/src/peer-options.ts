import { KeyRing, REPLAY_STATE_EMPTY, SecretError, toReplayStateUnsure } from '@ai-comms/shared'
import type { PeerNotice } from './core/envelopes/mail.ts'
import { MemoryReplayStore } from './core/envelopes/memory-replay-store.ts'
import type { AnswerPeer, HubDirectory, PeerAudit, ReplayStore } from './core/envelopes/ports.ts'
import { StartError } from './core/failures.ts'
import type { GroupView, ShownMessage } from './core/groups/group-view.ts'
import { MemoryGroupStore } from './core/groups/memory-group-store.ts'
import type { PeersParts } from './core/peers.ts'

/** How an agent of someone's own deals with other agents. */
export interface SocialOptions {
  /** By which others know it, never the same as another's; the installation's own id unless set. */
  readonly agentId?: string
  /** The secret that signs what agents say to each other, the same for all of them. */
  readonly secret?: string | undefined
  /** The one before, while it is replaced. */
  readonly previousSecret?: string | undefined
  /** Encrypts what they say; needs a secret. */
  readonly encryptionKey?: string | undefined
  /** The one before, which still decrypts while it is replaced. */
  readonly previousEncryptionKey?: string | undefined
  /** Refuse what is not signed: as soon as there is a secret, unless set. */
  readonly requireAuth?: boolean
  /** Answers what another agent, or a group, asks. All of it is text from elsewhere. Without it nothing is answered. */
  readonly onQuestion?: AnswerPeer
  /** Sees what others say in a group, and this agent itself. */
  readonly onGroupMessage?: (group: GroupView, message: ShownMessage) => void
  /** Told once when a conversation with another agent ends by law. */
  readonly onNotice?: (notice: PeerNotice) => void
  /** Sees what is refused, answered and changed; never a text. */
  readonly onAudit?: (entry: PeerAudit) => void
  /** Turns of a conversation between agents without a person; 12 unless set. */
  readonly turnsMax?: number
  /** Answers in a group to one message of a person; 8 unless set. */
  readonly groupTurnsMax?: number
}

const readKeyRing = (options: SocialOptions): KeyRing | null => {
  const { secret, previousSecret, encryptionKey, previousEncryptionKey } = options
  if (previousEncryptionKey !== undefined && encryptionKey === undefined) {
    throw new StartError('peers.previousEncryptionKey needs peers.encryptionKey.')
  }
  if (secret === undefined) {
    if (encryptionKey === undefined && previousSecret === undefined) return null
    throw new StartError('peers.encryptionKey and peers.previousSecret need peers.secret.')
  }
  try {
    return KeyRing.fromSecrets({
      signing: secret,
      signingPrevious: previousSecret,
      encryption: encryptionKey,
      encryptionPrevious: previousEncryptionKey,
    })
  } catch (cause) {
    if (!(cause instanceof SecretError)) throw cause
    throw new StartError(`A secret of peers cannot be used: ${cause.message}.`, { cause })
  }
}

/** Without a folder, an id that others knew before may have got envelopes that this process knows nothing of. */
const toMemory = ({ agentId }: SocialOptions, startedAt: number): ReplayStore =>
  new MemoryReplayStore(agentId === undefined ? REPLAY_STATE_EMPTY : toReplayStateUnsure(startedAt))

/**
 * Those options as the parts of what they are about, with everything kept in memory.
 * @throws {StartError} when a secret cannot be used
 */
export const toPeerOptions = (
  options: SocialOptions,
  directory: HubDirectory,
  instanceId: string,
  startedAt: number,
): Omit<PeersParts, 'me' | 'carriers' | 'clock' | 'newId'> & { readonly agentId: string } => {
  const keyRing = readKeyRing(options)
  const requireAuth = options.requireAuth ?? keyRing !== null
  if (requireAuth && !keyRing) throw new StartError('peers.requireAuth needs peers.secret.')
  return {
    agentId: options.agentId ?? instanceId,
    keyRing,
    requireAuth,
    replay: toMemory(options, startedAt),
    groupStore: new MemoryGroupStore(),
    directory,
    audit: options.onAudit ?? (() => {}),
    answerPeer: options.onQuestion ?? (async () => undefined),
    notice: options.onNotice ?? (() => {}),
    showGroupMessage: options.onGroupMessage ?? (() => {}),
    turnsMax: options.turnsMax,
    groupTurnsMax: options.groupTurnsMax,
  }
}
