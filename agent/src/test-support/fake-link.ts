import type { ReplyLink, SendOutcome, TaskReply } from '../core/ports.ts'

/** A link that keeps what it is given. */
export class FakeLink implements ReplyLink {
  readonly frames: TaskReply[] = []
  /** What becomes of pieces and progress. */
  open = true

  send(frame: TaskReply): SendOutcome {
    const isAnswer = frame.type === 'task-response' || frame.type === 'task-error'
    if (!this.open && !isAnswer) return 'dropped'
    this.frames.push(frame)
    return this.open ? 'sent' : 'held'
  }

  /** The frames of one type. */
  of<Type extends TaskReply['type']>(type: Type): Extract<TaskReply, { type: Type }>[] {
    return this.frames.filter((frame): frame is Extract<TaskReply, { type: Type }> => frame.type === type)
  }

  /** Types in the order in which they were sent. */
  get types(): string[] {
    return this.frames.map((frame) => frame.type)
  }
}
