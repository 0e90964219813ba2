import type { Server, Socket } from 'node:net'

/**
 * Remembers the server's open TCP connections. The HTTP server forgets those
 * that were upgraded and does not yet know those whose TLS handshake is
 * unfinished, but its close waits for every one of them.
 *
 * @returns a function that cuts all that are still open
 */
export const trackConnections = (server: Server): (() => void) => {
  const connections = new Set<Socket>()
  server.on('connection', (connection: Socket) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  return () => {
    for (const connection of connections) connection.destroy()
  }
}
