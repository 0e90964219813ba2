import { fullJitterMs } from '@ai-comms/shared'
import { cutText } from '../../core/cut-text.ts'
import type { MessagePart } from '../../core/message-parts.ts'
import type { Clock } from '../../core/ports.ts'
import type { CourierBounds } from './courier-bounds.ts'
import { EarliestAlarm } from './earliest-alarm.ts'
import type { Complain, GiveUpReason, ObserveCloud } from './events.ts'
import type { GraphApi, GraphMessage, NamedOutcome } from './graph-api.ts'
import { toRefusedEvent, WINDOW_SENTENCE } from './graph-errors.ts'
import type { Outbox, Waiting } from './outbox.ts'

/** What a courier is made of. */
export interface CourierParts {
  readonly outbox: Outbox
  readonly graph: Pick<GraphApi, 'send' | 'upload'>
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly observe: ObserveCloud
  readonly complain: Complain
  readonly bounds: CourierBounds
  /** Longest text of one message, in UTF-16 units. */
  readonly textCharsMax: number
  /** Meta's id of the message that an answer quotes, where it should quote one. */
  readonly findQuoted: (messageId: string) => string | undefined
  /** Called when Meta refuses the token; nothing is sent any more then. */
  readonly onTokenRefused: (code: number) => void
}

type Refusal = Extract<NamedOutcome, { kind: 'refused' }>

/** Longest exponent of a wait that doubles. */
const DOUBLINGS_MAX = 20

/**
 * Takes messages from the outbox to Meta: in each chat in order and one at a time, until Meta says that it has them.
 *
 * A request may be lost on either way, and Meta cannot be told that it is the same message once more. So each carries a
 * name of ours, which Meta gives back with every status: whoever got no answer waits for that first, and sends again only
 * when nothing comes. A message may arrive twice then, which is better than not at all.
 */
export class Courier {
  readonly #parts: CourierParts
  #isOpen = false
  /** Chats that are written to. */
  readonly #busy = new Set<string>()
  /** How often a chat failed in a row. */
  readonly #failures = new Map<string, number>()
  /** Meta said that it was too much, of the whole account. */
  #restUntil = 0
  readonly #alarm: EarliestAlarm
  #whenIdle: (() => void) | undefined

  constructor(parts: CourierParts) {
    this.#parts = parts
    this.#alarm = new EarliestAlarm(parts.clock, () => this.#wake())
  }

  /** Messages may leave from here on. */
  begin(): void {
    this.#isOpen = true
    this.deliver()
  }

  /** Nothing leaves any more; what is under way may end. */
  pause(): void {
    this.#isOpen = false
    this.#alarm.clear()
  }

  /** Something is in the outbox, or what was in doubt is settled. */
  deliver(): void {
    const { bounds, clock, observe, outbox } = this.#parts
    if (!this.#isOpen) return
    const now = clock.now()
    for (const messageId of outbox.failOld(now)) observe({ type: 'cloud.given-up', messageId, why: 'too-old' })
    const turns = outbox.listTurns()
    this.#forgetFailures(turns)
    for (const { chat, nextAt } of turns) {
      if (this.#busy.has(chat)) continue
      const dueAt = Math.max(nextAt, this.#restUntil)
      if (dueAt > now) this.#arm(dueAt)
      // whoever finds no place has it when another chat is done
      else if (this.#busy.size < bounds.chatsMax) void this.#serve(chat)
    }
  }

  /** How long to wait before a message is sent again that Meta could not deliver, in milliseconds. */
  toRetryMs(failures: number, atLeastMs = 0): number {
    const { bounds, random } = this.#parts
    const { retryMsMin: baseMs, retryMsMax: capMs } = bounds
    return Math.min(capMs, Math.max(atLeastMs, baseMs + fullJitterMs(failures, { baseMs, capMs }, random())))
  }

  /** Gives a message up, and what waits of those that belong to it. */
  giveUp({ id, chat }: { readonly id: string; readonly chat: string }, why: GiveUpReason): void {
    this.#failures.delete(chat)
    for (const messageId of this.#parts.outbox.fail(id)) this.#parts.observe({ type: 'cloud.given-up', messageId, why })
  }

  /** Resolves when nothing is under way. */
  async whenIdle(): Promise<void> {
    if (this.#busy.size === 0) return
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve
    })
  }

  /** Sends what is due in a chat, one after the other. */
  async #serve(chat: string): Promise<void> {
    const { bounds, clock, complain } = this.#parts
    let delayMs = 0
    this.#busy.add(chat)
    try {
      for (let waiting = this.#findDue(chat); waiting !== undefined; waiting = this.#findDue(chat)) {
        await this.#send(waiting)
      }
    } catch (error) {
      complain('deliver', error)
      delayMs = bounds.retryMsMin
    }
    this.#busy.delete(chat)
    if (this.#busy.size === 0) this.#whenIdle?.()
    this.#arm(clock.now() + delayMs)
  }

  #findDue(chat: string): Waiting | undefined {
    const { clock, outbox } = this.#parts
    const waiting = this.#isOpen ? outbox.findNext(chat) : undefined
    return waiting && Math.max(waiting.nextAt, this.#restUntil) <= clock.now() ? waiting : undefined
  }

  /** Looks into the outbox at that time, or before. */
  #arm(at: number): void {
    if (this.#isOpen) this.#alarm.set(at)
  }

  #wake(): void {
    const { bounds, clock, complain } = this.#parts
    try {
      this.deliver()
    } catch (error) {
      complain('deliver', error)
      this.#arm(clock.now() + bounds.retryMsMin)
    }
  }

  async #send(waiting: Waiting): Promise<void> {
    const { bounds } = this.#parts
    if (waiting.doubts >= bounds.doubtsMax) this.giveUp(waiting, 'in-doubt')
    else if (waiting.attempts >= bounds.attemptsMax) this.giveUp(waiting, 'too-often')
    else if (waiting.draft.kind === 'document' && waiting.media === undefined) await this.#upload(waiting)
    else await this.#attempt(waiting)
  }

  async #upload(waiting: Waiting): Promise<void> {
    const { graph, outbox, textCharsMax } = this.#parts
    const { seq, draft } = waiting
    if (draft.kind !== 'document') return
    const outcome = await graph.upload(draft.text, draft.fileName)
    if (outcome.kind === 'named') outbox.saveMedia(seq, outcome.id)
    else if (outcome.kind === 'refused' && outcome.class === 'final') {
      // better a part of it than nothing
      this.#tellRefusal(waiting, outcome)
      outbox.replaceDraft(seq, { kind: 'text', text: toShortText(draft.text, textCharsMax) })
    } else if (outcome.kind === 'refused') this.#concludeRefusal(waiting, outcome)
    // nobody sees what is uploaded, so it is not in doubt
    else this.#concludeUnreachable(waiting, outcome.code)
  }

  async #attempt(waiting: Waiting): Promise<void> {
    const { bounds, clock, graph, observe, outbox } = this.#parts
    const { seq, id, draft } = waiting
    const attempt = waiting.attempts + 1
    const doubtMs = Math.min(bounds.retryMsMax, bounds.doubtMs * 2 ** Math.min(waiting.doubts, DOUBLINGS_MAX))
    const message = this.#toMessage(waiting, attempt)
    outbox.noteSending(seq, clock.now())
    observe({ type: 'cloud.sending', messageId: id, attempt, chars: draft.text.length })
    const outcome = await graph.send(message)
    switch (outcome.kind) {
      case 'named':
        this.#accept(waiting, outcome.id)
        return
      case 'unreachable':
        this.#concludeUnreachable(waiting, outcome.code)
        return
      case 'lost':
        outbox.noteDoubt(seq, clock.now() + doubtMs)
        observe({ type: 'cloud.in-doubt', messageId: id, attempt, waitMs: doubtMs })
        return
      case 'refused':
        this.#concludeRefusal(waiting, outcome)
    }
  }

  #toMessage({ id, chat, draft, answers, media = '' }: Waiting, attempt: number): GraphMessage {
    return {
      to: chat,
      reference: `${id}.${attempt}`,
      quoted: answers === undefined ? undefined : this.#parts.findQuoted(answers),
      content: toContent(draft, media),
    }
  }

  #accept({ id, chat }: Waiting, wamid: string): void {
    const { clock, observe, outbox } = this.#parts
    this.#failures.delete(chat)
    const accepted = outbox.accept(id, wamid, clock.now())
    if (!accepted) return
    const { attempt, ackMs } = accepted
    observe({ type: 'cloud.accepted', messageId: id, attempt, ackMs })
  }

  #concludeUnreachable(waiting: Waiting, code: string): void {
    const { clock, observe, outbox } = this.#parts
    observe({ type: 'cloud.unreachable', messageId: waiting.id, code })
    outbox.noteUnsent(waiting.seq, 'unreachable', clock.now() + this.#noteFailure(waiting))
  }

  #concludeRefusal(waiting: Waiting, refusal: Refusal): void {
    const { clock, observe, outbox, onTokenRefused } = this.#parts
    const { id, seq } = waiting
    const now = clock.now()
    switch (refusal.class) {
      case 'outside-window':
        observe({ type: 'cloud.outside-window', messageId: id, sentence: WINDOW_SENTENCE })
        this.giveUp(waiting, 'outside-window')
        return
      case 'final':
        this.#tellRefusal(waiting, refusal)
        this.giveUp(waiting, 'refused')
        return
      case 'token':
        this.#tellRefusal(waiting, refusal)
        outbox.noteUnsent(seq, 'refused', now)
        this.pause()
        onTokenRefused(refusal.code)
        return
      case 'limited':
      case 'chat-limited':
      case 'unwell': {
        this.#tellRefusal(waiting, refusal)
        const nextAt = now + this.#noteFailure(waiting, refusal.retryAfterMs)
        outbox.noteUnsent(seq, 'refused', nextAt)
        if (refusal.class === 'limited') this.#restUntil = nextAt
      }
    }
  }

  #tellRefusal({ id }: Waiting, { class: kind, code }: Refusal): void {
    this.#parts.observe(toRefusedEvent(id, code, kind === 'final'))
  }

  /** Chats in which nothing waits have not failed. */
  #forgetFailures(turns: readonly { readonly chat: string }[]): void {
    if (this.#failures.size === 0) return
    const waiting = new Set(turns.map(({ chat }) => chat))
    for (const chat of this.#failures.keys()) if (!waiting.has(chat)) this.#failures.delete(chat)
  }

  /** One more failure in a row; how long to wait after it, in milliseconds. */
  #noteFailure({ chat }: Waiting, atLeastMs?: number): number {
    const failures = this.#failures.get(chat) ?? 0
    this.#failures.set(chat, failures + 1)
    return this.toRetryMs(failures, atLeastMs)
  }
}

/** Meta refuses what is no text at all, such as half of a pair of surrogates. */
const toContent = (draft: MessagePart, media: string): GraphMessage['content'] =>
  draft.kind === 'text'
    ? { kind: 'text', text: draft.text.toWellFormed() }
    : { kind: 'document', media, fileName: draft.fileName, caption: draft.caption.toWellFormed() }

/** Room for the line that says how much is missing. */
const CUT_LINE_CHARS = 64

const toShortText = (text: string, charsMax: number): string => cutText(text, charsMax - CUT_LINE_CHARS)
