/** The library door: an agent of someone's own, and the hub's agents for whoever asks them. */

export type { LinkBounds, LinkEnd } from './adapters/hub/link-parts.ts'
export type { WhatsAppEvent } from './adapters/whatsapp/events.ts'
export { openWhatsApp } from './adapters/whatsapp/open-whatsapp.ts'
export type { WhatsAppMessenger, WhatsAppParts } from './adapters/whatsapp/whatsapp-parts.ts'
export { AGENT_VARIABLES } from './config.ts'
export type { AgentListing } from './core/discovery.ts'
export type { PeerNotice } from './core/envelopes/mail.ts'
export type { AnswerPeer, PeerAudit, PeerQuestion } from './core/envelopes/ports.ts'
export type { AgentEvent, Observe } from './core/events.ts'
export { StartError, TaskError } from './core/failures.ts'
export type { GroupFault, GroupOutcome, GroupWish, SayOutcome } from './core/groups/group-outcomes.ts'
export type { GroupView, ShownMessage } from './core/groups/group-view.ts'
export { checkText, type Verdict } from './core/guard/check-text.ts'
export { createGuard, type Guard, type GuardedMessage, type GuardOptions } from './core/guard/guard.ts'
export {
  type AgentAnswer,
  type DurableHubTask,
  HubCallError,
  type HubCalls,
  type HubFailureCode,
  type HubTask,
  type TaskTarget,
} from './core/hub-calls.ts'
export type { Chat, InboundMessage } from './core/message.ts'
export type { PeerAnswer, PeerRequest, Peers } from './core/peers.ts'
export type { Ask, Frame } from './core/team/ask.ts'
export type { ObserveTeam, TeamEvent } from './core/team/events.ts'
export { MemoryTeamStore } from './core/team/memory-team-store.ts'
export { TEAM_TIMES, type TeamParts, type TeamTimes } from './core/team/team-parts.ts'
export type { TeamOrder } from './core/team/team-run.ts'
export type { TeamStore } from './core/team/team-store.ts'
export { Teams } from './core/team/teams.ts'
export { type AgentOptions, type CustomAgent, createAgent, type TaskContext } from './create-agent.ts'
export { type HubOptions, openHub } from './open-hub.ts'
export type { SocialOptions } from './peer-options.ts'
