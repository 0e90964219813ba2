import type { BinaryNode } from '@whiskeysockets/baileys'
import type { Account, Addressing, Device, Line } from './accounts.ts'
import { CodeExchange } from './code-pairing.ts'
import { findRegistration, link, readQr, toRefresh, unlink } from './pairing.ts'
import type { World } from './world.ts'

/** A phone with its number: it links companions by QR or by code, sees what they do, and cuts them off. */
export class Phone {
  readonly #world: World
  readonly #account: Account

  constructor(world: World, account: Account) {
    this.#world = world
    this.#account = account
  }

  get number(): string {
    return this.#account.number
  }

  get lid(): string {
    return this.#account.lid
  }

  get name(): string | undefined {
    return this.#account.name
  }

  /** The address of this phone's chat by its number or by its anonymous id. */
  toJid(addressing: Addressing): string {
    return this.#account.toJid(addressing)
  }

  /** Companions that are linked. */
  get companions(): number {
    return this.#account.devices.size
  }

  /** Whether a companion is logged in and has been told what waited. */
  get isOnline(): boolean {
    return [...this.#devices].some(({ line, isCaughtUp }) => line?.isOpen && isCaughtUp)
  }

  /** Messages that some companion has not acknowledged. */
  get waiting(): number {
    return [...this.#devices].reduce((sum, device) => sum + device.messagesWaiting, 0)
  }

  /** One-time keys that the companions have left to give away. */
  get preKeys(): number {
    return [...this.#devices].reduce((sum, { keys }) => sum + keys.preKeys.length, 0)
  }

  /** Scans a QR code; resolves when the client is linked. @throws {Error} "couldn't link device", and why */
  async scan(qr: string): Promise<void> {
    const { ref, noiseKey, identityKey, secret } = readQr(qr)
    const found = findRegistration(this.#world, ({ refs }) => refs.includes(ref))
    if (found === undefined) throw new Error("Couldn't link device: nobody waits with this QR code")
    const { connection, registration } = found
    if (
      registration.noiseKey.toString('base64') !== noiseKey ||
      registration.identityKey.toString('base64') !== identityKey
    ) {
      throw new Error("Couldn't link device: the QR code has other keys than the client")
    }
    if (registration.staleSecrets.has(secret)) throw new Error("Couldn't link device: its secret was taken back")
    await this.#linked(connection, link(this.#world, connection, registration, this.#account, secret))
  }

  /**
   * Enters a code that a client shows, as soon as the client has asked for it; resolves when the client is linked.
   * @throws {Error} when no client asks, or the code is wrong
   */
  async enterCode(code: string): Promise<void> {
    const world = this.#world
    const { connection, registration, request } = await world.changes.until('a client that asks for a code', () => {
      const found = findRegistration(world, ({ codeRequest }) => codeRequest?.jid === this.toJid('pn'))
      const asked = found?.registration.codeRequest
      return found && asked && { ...found, request: asked }
    })
    const exchange = new CodeExchange(this.#account, request, code.replaceAll('-', ''))
    connection.send(exchange.toHello(world.now))
    const offer = await world.changes.until('the keys of the client', () => registration.keyOffer)
    const secret = exchange.toSecret(offer)
    await this.#linked(connection, link(world, connection, registration, this.#account, secret))
  }

  /** Takes all companions' places from them; those that are there are told at once (401), others at their next login. */
  unlink(): void {
    for (const device of [...this.#devices]) unlink(this.#world, device)
  }

  /** Ends the connections of the companions with a code; they stay linked. */
  end(code: number): void {
    for (const { line } of this.#devices) line?.end(code)
  }

  /** Cuts the connections of the companions without a word. */
  cut(): void {
    for (const { line } of this.#devices) line?.cut()
  }

  /** Keeps the connections of the companions open, and neither reads nor writes any more. */
  goDeaf(): void {
    for (const { line } of this.#devices) line?.goDeaf()
  }

  /** Sends again, over the same connection, what the companions have not acknowledged; under the same ids. */
  redeliver(): void {
    for (const { line, waiting } of this.#devices) for (const stanza of waiting.values()) line?.send(stanza)
  }

  /** Says anything to the companions that are there: a call, a post of a newsletter, whatever WhatsApp may say. */
  tell(stanza: BinaryNode): void {
    for (const { line } of this.#devices) line?.send(stanza)
  }

  get #devices(): Iterable<Device> {
    return this.#account.devices.values()
  }

  async #linked(line: Line, device: Device): Promise<void> {
    await this.#world.changes.until('the signature of the client', () => {
      const isLinked = this.#account.devices.get(device.id) === device
      if (!isLinked && !line.isOpen) throw new Error("Couldn't link device: the client hung up")
      return isLinked
    })
  }
}

/** Takes back the secret of the client that shows this QR code, and tells the client so. */
export const refreshRegistration = (
  world: World,
  qr: string,
  child: 'companion_reg_refresh' | 'pair-device-rotate-qr' = 'companion_reg_refresh',
): void => {
  const { ref, secret } = readQr(qr)
  const found = findRegistration(world, ({ refs }) => refs.includes(ref))
  if (found === undefined) throw new Error('Nobody waits with this QR code')
  found.registration.staleSecrets.add(secret)
  found.connection.send(toRefresh(world.now, child))
}
