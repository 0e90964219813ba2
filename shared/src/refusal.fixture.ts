import { ProtocolError } from './errors.ts'

/** The refusal that an act ends in; the test fails when it ends otherwise. */
export const catchRefusal = (act: () => unknown): ProtocolError => {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('Nothing was refused')
}
