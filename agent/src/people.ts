import { v7 as uuidV7 } from 'uuid'
import { PERSON_ACTIONS } from './adapters/actions/book.ts'
import { makeDelimiter } from './adapters/providers/delimiter.ts'
import type { Storage } from './adapters/sqlite/storage.ts'
import { systemClock } from './adapters/system/clock.ts'
import type { Config } from './config.ts'
import { Admission } from './core/admission.ts'
import { type Audit, describeRecord } from './core/audit.ts'
import type { StatusView } from './core/commands/describe.ts'
import { listUsableGroups } from './core/commands/groups.ts'
import { readPhrase } from './core/commands/phrases.ts'
import { commandTable } from './core/commands/table.ts'
import { Conversations, type ForgetOutcome } from './core/conversation.ts'
import { MessengerCarrier } from './core/envelopes/messenger-carrier.ts'
import type { Observe } from './core/events.ts'
import { frameUntrusted } from './core/guard/frame-untrusted.ts'
import { createGuard, type Guard } from './core/guard/guard.ts'
import { GroupVoice } from './core/hall/group-voice.ts'
import { Hall } from './core/hall/hall.ts'
import { answerPeers } from './core/hall/peer-answers.ts'
import { Talk, toMemoryId } from './core/hall/talk.ts'
import { TeamDesk } from './core/hall/team-desk.ts'
import { type Speech, watchSends } from './core/hall/watched-sends.ts'
import { Working } from './core/hall/working.ts'
import type { HubCalls } from './core/hub-calls.ts'
import { toHubDirectory } from './core/hub-directory.ts'
import { OWNER_ID } from './core/identity.ts'
import type { Chat } from './core/message.ts'
import type { Messenger } from './core/messenger.ts'
import type { Peers } from './core/peers.ts'
import type { RefusalCounts } from './core/refusal-counts.ts'
import { SeenMessages } from './core/seen-messages.ts'
import type { Ask, Frame } from './core/team/ask.ts'
import { Teams } from './core/team/teams.ts'
import type { PeerOptions } from './linked-agent.ts'
import type { Mind } from './mind.ts'

/** What dealing with people and other agents takes. */
export interface PeopleParts {
  readonly config: Config
  readonly instanceId: string
  readonly messenger: Messenger
  readonly storage: Storage
  readonly mind: Mind
  readonly hub: HubCalls
  readonly audit: Audit
  readonly observe: Observe
  readonly counts: RefusalCounts
}

/** What only the process knows of itself. */
export type ReadStatus = () => Omit<StatusView, 'messages' | 'teams'>

/** The channel of what teams say, among the messages that were seen. */
const TEAM_CHANNEL = 'team'

/** Frames a text for a model, each time with another border. */
const frame: Frame = (kind, from, text) => frameUntrusted({ kind, from, text, delimiter: makeDelimiter() })

/** The people, peers, groups and teams of an agent, put together around its mind. */
export class People {
  /** Told what tasks of the hub say, too. */
  readonly guard: Guard = createGuard()
  readonly #parts: PeopleParts
  readonly #conversations: Conversations
  readonly #seen: SeenMessages
  readonly #working: Working
  readonly #speech: Speech
  readonly #voice: GroupVoice
  readonly #desk: TeamDesk
  #teams: Teams | undefined
  #hall: Hall | undefined

  constructor(parts: PeopleParts) {
    this.#parts = parts
    const { messenger, storage, observe } = parts
    this.#conversations = new Conversations({ store: storage.conversations, clock: systemClock, observe })
    this.#seen = new SeenMessages(storage.seen, observe)
    this.#working = new Working(messenger)
    this.#speech = watchSends(messenger, observe)
    this.#voice = new GroupVoice({
      ...{ speech: this.#speech, working: this.#working, clock: systemClock },
      ownerId: this.#ownerId,
    })
    const isNew = (key: string) => this.#seen.add(TEAM_CHANNEL, key, systemClock.now())
    this.#desk = new TeamDesk({ speech: this.#speech, working: this.#working, isNew })
  }

  /** How this agent deals with other agents and groups. */
  get peerOptions(): PeerOptions {
    const { config, instanceId, messenger, storage, hub, observe } = this.#parts
    const { keyRing = null, requireAuth, turnsMax, groupTurnsMax } = config.peers
    return {
      ...{ keyRing, requireAuth, turnsMax, groupTurnsMax },
      agentId: config.agentId ?? instanceId,
      replay: storage.replay,
      groupStore: storage.groups,
      carriers: [new MessengerCarrier(messenger)],
      directory: toHubDirectory(hub),
      audit: observe,
      answerPeer: answerPeers({
        ...this.#mindParts,
        self: config.identity.name,
        guard: this.guard,
        conversations: this.#conversations,
        observe,
      }),
      notice: ({ peer, sentence }) => this.#tellOwner(`${peer.agentName}: ${sentence}`),
      showGroupMessage: (group, message) => this.#voice.show(group, message),
      noteGroupAnswer: (group) => this.#voice.noteAnswer(group),
    }
  }

  /** Opens the doors: people are answered from here on, and teams go on that were at work before a restart. */
  async start(peers: Peers, readStatus: ReadStatus): Promise<void> {
    const { messenger, observe } = this.#parts
    this.#conversations.start()
    const teams = this.#makeTeams()
    this.#teams = teams
    this.#hall = this.#makeHall(peers, teams, readStatus)
    await messenger.start(this.#hall)
    // what cannot be read now is not lost: the next start goes on with it
    this.#desk.resume(teams).catch((err: unknown) => observe({ type: 'team.broken', runId: 'all', err }))
  }

  /** Gives up every answer that is being made for the person at the terminal. */
  cancel(): void {
    const chat = this.#parts.messenger.findChat(OWNER_ID)
    if (chat) this.#hall?.cancel(chat)
  }

  /** Takes nothing any more; answers that are being made may be finished within `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    await Promise.all([this.#hall?.stop(drainMs), this.#teams?.close()])
    this.#voice.stop()
    this.#conversations.stop()
    await this.#parts.messenger.stop()
  }

  /** Who hears what is meant for nobody else: who sits at the terminal, or the first administrator elsewhere. */
  get #ownerId(): string | undefined {
    const { admission, channel } = this.#parts.config
    return channel.kind === 'console' ? OWNER_ID : [...admission.admins][0]
  }

  get #mindParts() {
    const { config, mind } = this.#parts
    return {
      ask: mind.ask,
      system: mind.system,
      clock: systemClock,
      newId: () => uuidV7(),
      workMsMax: config.totalTimeoutMs,
    }
  }

  #makeTeams(): Teams {
    const { config, hub, mind, storage, audit, observe, messenger } = this.#parts
    return new Teams({
      ...{ hub, frame, observe, clock: systemClock, random: Math.random, newId: () => uuidV7() },
      self: config.identity.name,
      ask: this.#askForTeams,
      hasModel: mind.hasModel,
      store: storage.teams,
      say: (chat, text, key) => this.#desk.say(chat, text, key),
      progress: (chat, text) => this.#desk.progress(chat, text),
      onDelegated: ({ person }, to, taskId) =>
        audit.record({ type: 'delegation', channel: messenger.name, senderId: person, to, taskId }),
    })
  }

  readonly #askForTeams: Ask = async ({ system, text }, { signal, timeoutMs }) => {
    const { config, mind } = this.#parts
    const task = {
      ...{ requestId: uuidV7(), message: text, system, attempt: 1, sender: config.identity.name },
      deadlineAt: systemClock.now() + timeoutMs,
      isFramed: true as const,
    }
    return (await mind.ask(task, { signal, delta: () => undefined, progress: () => undefined })).text
  }

  #makeHall(peers: Peers, teams: Teams, readStatus: ReadStatus): Hall {
    const { config, audit, observe, mind } = this.#parts
    return new Hall({
      ...{ speech: this.#speech, working: this.#working, guard: this.guard, audit, observe, clock: systemClock },
      admission: new Admission(config.admission, this.#seen),
      talk: new Talk({
        ...this.#mindParts,
        ...{ frame, conversations: this.#conversations, hasModel: mind.hasModel, actions: PERSON_ACTIONS },
        readPhrase: (text, speaker) => {
          const groups = listUsableGroups(peers.groups, speaker).map(({ name }) => name)
          return readPhrase(text, { groups, agents: peers.discovery.list().map(({ name }) => name) })
        },
      }),
      commands: this.#makeCommands(peers, teams, readStatus),
      receiveEnvelope: (arrival) => peers.deliver(arrival),
    })
  }

  #makeCommands(peers: Peers, teams: Teams, readStatus: ReadStatus) {
    const { config, hub, mind, audit, counts } = this.#parts
    const { keyRing, requireAuth } = config.peers
    return commandTable({
      ...{ hub, self: config.identity.name, now: () => systemClock.now(), desk: peers.groups },
      listAgents: () => peers.listAgents(),
      askPeer: (request) => peers.ask(request),
      startTeam: (order) => this.#desk.start(teams, order),
      stopTeam: (chat) => teams.stop(chat),
      nameOf: ({ name }) => name ?? `the owner of ${config.identity.name}`,
      onAsked: (chat, { group, answerers }) => this.#voice.expect(chat, group, answerers.length),
      readStatus: () => ({
        ...readStatus(),
        messages: this.#hall?.load ?? { running: 0, waiting: 0 },
        teams: teams.chats.length,
      }),
      readProviders: mind.view,
      readSecurity: () => ({
        ...{ rules: config.admission, requireAuth, refused: counts.refused, blocked: counts.blocked },
        ...{ isSigning: keyRing !== undefined, isEncrypting: keyRing?.encrypts ?? false },
      }),
      readLogs: async (count) => (await audit.readTail(count)).map(describeRecord),
      forget: (personId, chat) => this.#forget(personId, chat),
    })
  }

  /** Wipes what is remembered of a person in direct chats and, where it asks in a group, of it in that group. */
  #forget(personId: string, chat: Chat): ForgetOutcome {
    this.guard.forget(personId)
    const outcome = this.#conversations.forget(personId)
    if (!chat.isGroup || outcome.kind === 'failed') return outcome
    const inGroup = this.#conversations.forget(toMemoryId(personId, chat))
    return inGroup.kind === 'failed' ? inGroup : { ...outcome, exchanges: outcome.exchanges + inGroup.exchanges }
  }

  #tellOwner(sentence: string): void {
    const chat = this.#ownerId === undefined ? undefined : this.#speech.findChat(this.#ownerId)
    if (chat) void this.#speech.send(chat, sentence)
  }
}
