import type { GroupMessage, GroupStore, KeptGroup, Mark } from './ports.ts'
import { compareMessages } from './transcript.ts'

/** Groups that live as long as their process. */
export class MemoryGroupStore implements GroupStore {
  readonly #groups = new Map<string, KeptGroup>()
  readonly #messages = new Map<string, GroupMessage[]>()
  readonly #marks = new Map<string, Map<string, Mark>>()

  list(): readonly KeptGroup[] {
    return [...this.#groups.values()]
  }

  save(group: KeptGroup): void {
    this.#groups.set(group.charter.groupId, group)
  }

  remove(groupId: string): void {
    this.#groups.delete(groupId)
    this.#messages.delete(groupId)
    this.#marks.delete(groupId)
  }

  add(message: GroupMessage, mark: Mark, messagesMax: number): void {
    const { groupId, writer, sequence } = message
    const messages = this.#messages.get(groupId) ?? []
    const isKnown = messages.some((each) => each.writer === writer && each.sequence === sequence)
    const all = isKnown ? messages : [...messages, message].sort(compareMessages).slice(-messagesMax)
    this.#messages.set(groupId, all)
    this.saveMark(groupId, mark)
  }

  messages(groupId: string): readonly GroupMessage[] {
    return this.#messages.get(groupId) ?? []
  }

  marks(groupId: string): readonly Mark[] {
    const marks = [...(this.#marks.get(groupId)?.values() ?? [])]
    return marks.sort((one, other) => (one.agentId < other.agentId ? -1 : 1))
  }

  saveMark(groupId: string, mark: Mark): void {
    const marks = this.#marks.get(groupId) ?? new Map<string, Mark>()
    marks.set(mark.agentId, mark)
    this.#marks.set(groupId, marks)
  }
}
