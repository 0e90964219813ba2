/** What the guard may cost: every loop over a stranger's text ends at one of these. */
export const GUARD_BOUNDS = {
  /** Characters of one text that are looked at: its first and its last half of this number. */
  textCharsMax: 65_536,
  /** Views of one text, itself included. */
  viewsMax: 14,
  /** Characters of all views of one text beyond its own. */
  viewCharsMax: 24_576,
  /** How often a view may be decoded again. */
  depthMax: 3,
  /** Turns that are read together. */
  turnsMax: 4,
  /** Characters that are kept of each of them. */
  turnCharsMax: 4_000,
  /** Senders whose past is remembered; the one silent for longest is forgotten first. */
  sendersMax: 1_000,
  /** Time after which half of a sender's suspicion is gone. */
  halfLifeMs: 600_000,
} as const
