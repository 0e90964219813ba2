import { randomBytes } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { AuthenticationCreds, WASocket } from '@whiskeysockets/baileys'

/** Which of the comma-separated fields of a QR is the secret: after the reference and the two public keys. */
const SECRET_FIELD = 3
const SECRET_BYTES = 32

/** What of a socket of Baileys is followed. */
export interface PairingSocket {
  readonly ev: Pick<WASocket['ev'], 'on' | 'emit'>
  readonly ws: Pick<EventEmitter, 'on'>
}

/** The text of a QR with another secret. */
export const withSecret = (qr: string, secret: string): string => {
  const fields = qr.split(',')
  return fields.length > SECRET_FIELD ? fields.with(SECRET_FIELD, secret).join(',') : qr
}

/**
 * Follows WhatsApp when it retires the secret of a QR that is on the screen: it does so while the phone scans it, and a
 * client that only acknowledges that, as Baileys does, is never linked. The secret is made anew, and this QR and all
 * later ones of the connection have it.
 *
 * @param show shows a QR in place of the one before
 * @see https://github.com/WhiskeySockets/Baileys/issues/2737
 */
export const followRefresh = (socket: PairingSocket, creds: AuthenticationCreds, show: (qr: string) => void): void => {
  let shown: string | undefined
  socket.ev.on('connection.update', ({ qr }) => {
    if (!qr) return
    // Baileys goes on with the secret that there was when the connection began
    shown = withSecret(qr, creds.advSecretKey)
    show(shown)
  })
  socket.ws.on('CB:notification,type:companion_reg_refresh', () => {
    // with a code, both sides derive the secret
    if (creds.account || creds.me || shown === undefined) return
    const advSecretKey = randomBytes(SECRET_BYTES).toString('base64')
    socket.ev.emit('creds.update', { advSecretKey })
    shown = withSecret(shown, advSecretKey)
    show(shown)
  })
}
