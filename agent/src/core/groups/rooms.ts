import { toMatchKey } from '@ai-comms/shared'
import type { Charter, GroupMessage, GroupStore, KeptGroup, Mark } from './ports.ts'
import { MESSAGES_MAX, Transcript } from './transcript.ts'

/** Most groups that this agent keeps; those it is not in any more make room. */
export const GROUPS_MAX = 64

/** A group, what was said in it, and how far everybody is. */
export interface Room {
  kept: KeptGroup
  readonly transcript: Transcript
  readonly marks: Map<string, Mark>
}

const NO_MARK = { have: 0, acked: 0, confirmed: 0 }

/** Every group that this agent keeps: in memory, and written down before anybody hears of it. */
export class Rooms {
  readonly #store: GroupStore
  readonly #rooms = new Map<string, Room>()

  /** @throws {StorageError} when they cannot be read */
  constructor(store: GroupStore) {
    this.#store = store
    for (const kept of store.list()) {
      const { groupId } = kept.charter
      const marks = new Map(store.marks(groupId).map((mark) => [mark.agentId, mark]))
      const have = [...marks.values()].map((mark) => [mark.agentId, mark.have] as const)
      this.#rooms.set(groupId, { kept, marks, transcript: new Transcript(store.messages(groupId), have) })
    }
  }

  /** Ids of the groups that this agent is in. */
  get ids(): Set<string> {
    return new Set(this.list().map(({ kept }) => kept.charter.groupId))
  }

  /** The groups that this agent is in. */
  list(): Room[] {
    return [...this.#rooms.values()].filter(({ kept }) => kept.state === 'member')
  }

  /** A group by its id. */
  find(groupId: string): Room | undefined {
    return this.#rooms.get(groupId)
  }

  /** A group that this agent is in, by its id or its name, whatever the case. */
  findNamed(idOrName: string): Room | undefined {
    const key = toMatchKey(idOrName)
    const room = this.find(idOrName)
    if (room?.kept.state === 'member') return room
    return this.list().find(({ kept }) => toMatchKey(kept.charter.name) === key)
  }

  /** Writes a group down; undefined when there are too many. @throws {StorageError} when it cannot be written */
  keep(kept: KeptGroup): Room | undefined {
    const { groupId } = kept.charter
    const known = this.#rooms.get(groupId)
    if (!known && !this.#makeRoom()) return undefined
    this.#store.save(kept)
    const room = known ?? { kept, transcript: new Transcript(), marks: new Map() }
    room.kept = kept
    this.#rooms.set(groupId, room)
    return room
  }

  /** Comes in, perhaps again: what was said while this agent was not there is not missing. @throws {StorageError} */
  begin(charter: Charter, have: ReadonlyMap<string, number>): Room | undefined {
    const room = this.keep({ charter, state: 'member' })
    if (!room) return undefined
    for (const [agentId, sequence] of have) {
      if (sequence > this.markOf(room, agentId).have) this.mark(room, agentId, { have: sequence })
    }
    const marks = [...room.marks.values()].map((mark) => [mark.agentId, mark.have] as const)
    const begun = { ...room, transcript: new Transcript(this.#store.messages(charter.groupId), marks) }
    this.#rooms.set(charter.groupId, begun)
    return begun
  }

  /** The writer has nothing any more before this sequence: it is not waited for. @throws {StorageError} */
  skipTo(room: Room, writer: string, floor: number): void {
    if (floor - 1 <= room.transcript.haveOf(writer)) return
    this.mark(room, writer, { have: floor - 1 })
    room.transcript.skipTo(writer, floor - 1)
  }

  /** Adds a message that fits. @throws {StorageError} when it cannot be written; then it is not there */
  add(room: Room, message: GroupMessage): void {
    const mark = { ...this.markOf(room, message.writer), have: room.transcript.haveWith(message) }
    this.#store.add(message, mark, MESSAGES_MAX)
    room.marks.set(mark.agentId, mark)
    room.transcript.add(message)
  }

  /** What is known of how far a member is. */
  markOf(room: Room, agentId: string): Mark {
    return room.marks.get(agentId) ?? { agentId, ...NO_MARK }
  }

  /** Notes how far a member is. @throws {StorageError} when it cannot be written */
  mark(room: Room, agentId: string, change: Partial<Mark>): void {
    const mark = { ...this.markOf(room, agentId), ...change }
    this.#store.saveMark(room.kept.charter.groupId, mark)
    room.marks.set(agentId, mark)
  }

  #makeRoom(): boolean {
    if (this.#rooms.size < GROUPS_MAX) return true
    const gone = [...this.#rooms.values()].find(({ kept }) => kept.state === 'gone')
    if (!gone) return false
    this.#store.remove(gone.kept.charter.groupId)
    return this.#rooms.delete(gone.kept.charter.groupId)
  }
}
