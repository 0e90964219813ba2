import qrcode from 'qrcode-terminal'
import type { WhatsAppParts } from './whatsapp-parts.ts'

/** Codes that are asked for before the agent must be started again: each rings on the phone. */
const CODES_MAX = 4

type PairingParts = Pick<WhatsAppParts, 'output' | 'observe' | 'pairingNumber' | 'drawQr'> & {
  /** Told of what only a bug, or a lost connection, can cause. */
  readonly complain: (error: unknown) => void
}

/** What of a socket the pairing uses. */
export interface CodeGiver {
  requestCode(number: string): Promise<string>
}

const QR_TITLE =
  'Scan this with WhatsApp on the phone: Settings, Linked devices, Link a device. It changes now and then.'

const explainCode = (code: string): string =>
  [
    `On the phone with the number of WHATSAPP_PAIRING_NUMBER: Settings, Linked devices, Link a device, Link with phone number.`,
    `Type this code: ${code.slice(0, 4)}-${code.slice(4)}`,
    'Waiting for the phone to confirm it.',
  ].join('\n')

/** Draws a QR in blocks of half a line, as terminals show them. */
const draw = (text: string): string => {
  let drawn = ''
  qrcode.generate(text, { small: true }, (blocks) => {
    drawn = blocks
  })
  return drawn
}

/**
 * Asks a person to link this device, in the terminal and nowhere else: whoever sees a QR or a code may take the account.
 */
export class Pairing {
  readonly #parts: PairingParts
  readonly #draw: (text: string) => string
  #codes = 0
  /** The connection that a code was asked on. */
  #asked: CodeGiver | undefined

  constructor(parts: PairingParts) {
    this.#parts = parts
    this.#draw = parts.drawQr ?? draw
  }

  /** Shows a QR, or asks for a code in its place, once on each connection. */
  take(qr: string, socket: CodeGiver): void {
    const { output, observe, pairingNumber } = this.#parts
    if (pairingNumber === undefined) {
      observe({ type: 'whatsapp.pairing', by: 'qr' })
      output.write(`\n${QR_TITLE}\n\n${this.#draw(qr)}\n`)
    } else if (this.#asked !== socket && this.#codes < CODES_MAX) {
      this.#asked = socket
      this.#codes += 1
      void this.#askForCode(pairingNumber, socket)
    }
  }

  /** The phone has linked this device. */
  noteDone(): void {
    this.#codes = 0
    this.#parts.observe({ type: 'whatsapp.paired' })
    this.#parts.output.write('\nLinked. This terminal is not needed any more.\n')
  }

  async #askForCode(number: string, socket: CodeGiver): Promise<void> {
    const { output, observe, complain } = this.#parts
    try {
      const code = await socket.requestCode(number)
      observe({ type: 'whatsapp.pairing', by: 'code' })
      output.write(`\n${explainCode(code)}\n`)
    } catch (error) {
      complain(error)
    }
  }
}
