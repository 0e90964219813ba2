import type { DurableTarget } from './durable-task.ts'
import type { LiveTask } from './live-task.ts'

/** The mailbox of a target: one per agent name, one per skill. */
export const toBoxKey = ({ kind, key }: Pick<DurableTarget, 'kind' | 'key'>): string => `${kind}\n${key}`

/** Where a task stands in a box, or would stand. */
const findPlace = (box: readonly LiveTask[], order: number): number => {
  // Nearly always it is the newest
  if ((box.at(-1)?.order ?? -1) < order) return box.length
  let from = 0
  let to = box.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((box[middle]?.order ?? order) < order) from = middle + 1
    else to = middle
  }
  return from
}

/** Tasks that may be handed out at once, by target, in the order of their submission. */
export class Mailboxes {
  readonly #boxes = new Map<string, LiveTask[]>()
  #count = 0

  /** Tasks in all boxes. */
  get count(): number {
    return this.#count
  }

  /** A task that is in its box already stays where it is. */
  add(boxKey: string, task: LiveTask): void {
    const box = this.#boxes.get(boxKey)
    if (box === undefined) {
      this.#boxes.set(boxKey, [task])
      this.#count += 1
      return
    }
    const place = findPlace(box, task.order)
    if (box[place] === task) return
    box.splice(place, 0, task)
    this.#count += 1
  }

  remove(boxKey: string, task: LiveTask): void {
    const box = this.#boxes.get(boxKey)
    if (box === undefined) return
    const place = findPlace(box, task.order)
    if (box[place] !== task) return
    box.splice(place, 1)
    this.#count -= 1
    if (box.length === 0) this.#boxes.delete(boxKey)
  }

  /** The earliest task of a box. */
  findFirst(boxKey: string): LiveTask | undefined {
    return this.#boxes.get(boxKey)?.[0]
  }
}
