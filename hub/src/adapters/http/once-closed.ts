import type { ServerResponse } from 'node:http'

/** Calls `act` once when nobody reads an answer any more: at once where its reader has gone already, which is told just once. */
export const onceClosed = (response: ServerResponse, act: () => void): void => {
  if (response.closed) act()
  else response.once('close', act)
}
