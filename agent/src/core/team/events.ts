/** What teams do. Never their text. */
export type TeamEvent =
  | { readonly type: 'team.started'; readonly runId: string }
  | { readonly type: 'team.resumed'; readonly runId: string; readonly stepsDone: number }
  | { readonly type: 'team.planned'; readonly runId: string; readonly origin: string; readonly steps: number }
  | {
      readonly type: 'team.step-ended'
      readonly runId: string
      readonly stepId: string
      readonly state: string
      readonly taskId?: string
    }
  | { readonly type: 'team.ended'; readonly runId: string; readonly done: number; readonly undone: number }
  /** A model or the hub failed where the team can go on without it. */
  | { readonly type: 'team.unasked'; readonly runId: string; readonly for: 'plan' | 'report'; readonly err: unknown }
  | { readonly type: 'team.unsaved'; readonly runId: string; readonly code: string; readonly err: unknown }
  | { readonly type: 'team.broken'; readonly runId: string; readonly err: unknown }

/** Takes an event to whoever counts or logs it. */
export type ObserveTeam = (event: TeamEvent) => void
