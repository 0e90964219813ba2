import type { CommandLine } from './command-line.ts'
import { isNewGroupName, toGroupKey, toGroupName } from './group-names.ts'
import { findKnownGroup, type Known, readKnownAgents, unquote } from './phrase-known.ts'
import { WRITE } from './write-line.ts'

/** What a sentence holds, by the names of its pattern. */
type Parts = Readonly<Record<string, string | undefined>>

/** A sentence that is understood without a model. */
export interface Phrase {
  readonly pattern: RegExp
  readonly toLine: (parts: Parts, known: Known) => CommandLine | undefined
}

/** Words before "group" that are no subject of its own. */
const PLAIN_KIND = /^(?:new|small|big|large|little|private|common|shared|agent|agents|discussion|chat)$/iu

const capitalise = (text: string): string => text.charAt(0).toLocaleUpperCase('en') + text.slice(1)

/** A name that is free, as far as the person can see. */
const toFreeName = (wanted: string, { groups }: Known): string => {
  const taken = new Set(groups.map(toGroupKey))
  const names = [wanted, ...groups.map((_, index) => `${wanted} ${index + 2}`)]
  return names.find((name) => !taken.has(toGroupKey(name))) ?? wanted
}

/** A research group is called "Research Team", and one of no kind "Team". */
const toName = ({ called, name = called, kind, noun }: Parts, known: Known): string => {
  if (name !== undefined) return toGroupName(unquote(name))
  if (noun !== undefined && !/^(?:gruppe|team)$/iu.test(noun)) return toFreeName(capitalise(noun), known)
  if (kind === undefined || PLAIN_KIND.test(kind)) return toFreeName('Team', known)
  return toFreeName(`${kind.split(/\s+/).map(capitalise).join(' ')} Team`, known)
}

const create: Phrase['toLine'] = (parts, known) => {
  const members = readKnownAgents(known, parts['members'] ?? '')
  const name = toName(parts, known)
  return members !== undefined && isNewGroupName(name) ? WRITE.createGroup({ name, members }) : undefined
}

const withMembers =
  (write: typeof WRITE.addToGroup): Phrase['toLine'] =>
  (parts, known) => {
    const group = findKnownGroup(known, parts['group'] ?? '')
    const members = readKnownAgents(known, parts['members'] ?? '')
    return group === undefined || members === undefined ? undefined : write(group, members)
  }

const withGroup =
  (write: typeof WRITE.leaveGroup): Phrase['toLine'] =>
  (parts, known) => {
    const group = findKnownGroup(known, parts['group'] ?? '')
    return group === undefined ? undefined : write(group)
  }

const sentence = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'iu')

const MAKE = '(?:create|make|start|form|open|set up) (?:me |us )?(?:an?|the|our) (?:new )?'
const KIND = '(?:(?<kind>[\\p{L}\\p{N}-]+(?: [\\p{L}\\p{N}-]+)?) )?'
const GROUP = '(?:group|team)(?: chat)?(?: (?:called|named) (?<name>.+?))?'
const MEMBERS = '(?:with|of) (?<members>.+?)(?: (?:called|named) (?<called>.+))?'
const MACHE = '(?:erstelle?|gründe?|mache?|bilde?) (?:bitte )?(?:mir |uns )?eine? (?:neues? )?'
const GRUPPE = '(?<noun>\\p{L}*?(?:gruppe|team))(?: (?:namens|genannt|mit (?:dem )?namen) (?<name>.+?))?'
const SHOW = '(?:show|list)(?: me)?(?: all)?'
const ZEIGE = '(?:zeige?|liste)(?: mir)?(?: alle)?'
const ONLINE = '(?:online|there|connected)'
const VERBUNDEN = '(?:online|da|verbunden)'

/**
 * Sentences that are understood, the first that fits. They are matched on texts of a few hundred characters, in which
 * white space is one space each.
 */
export const PHRASES: readonly Phrase[] = [
  { pattern: sentence(`${MAKE}${KIND}${GROUP} ${MEMBERS}`), toLine: create },
  { pattern: sentence(`${MACHE}${GRUPPE} (?:mit|aus) (?<members>.+)`), toLine: create },
  {
    pattern: sentence('(?:add|invite) (?<members>.+?) (?:to|into) (?<group>.+)'),
    toLine: withMembers(WRITE.addToGroup),
  },
  {
    pattern: sentence('(?:füge?|nimm) (?<members>.+?) (?:zum|zur|zu|ins|in) (?<group>.+?) (?:hinzu|auf)'),
    toLine: withMembers(WRITE.addToGroup),
  },
  {
    pattern: sentence('(?:remove|kick) (?<members>.+?) (?:from|out of) (?<group>.+)'),
    toLine: withMembers(WRITE.removeFromGroup),
  },
  {
    pattern: sentence('(?:entferne?|nimm) (?<members>.+?) (?:aus|von) (?<group>.+?)(?: heraus| raus)?'),
    toLine: withMembers(WRITE.removeFromGroup),
  },
  { pattern: sentence('(?:leave|close) (?<group>.+)'), toLine: withGroup(WRITE.leaveGroup) },
  { pattern: sentence('(?:verlasse?|schließe?) (?<group>.+)'), toLine: withGroup(WRITE.leaveGroup) },
  {
    pattern: sentence(`${SHOW}(?: my| the| our)? groups|(?:what|which) groups (?:do i have|are there|am i in)`),
    toLine: WRITE.listGroups,
  },
  {
    pattern: sentence(`${ZEIGE}(?: meine| die| unsere)? gruppen(?: auf)?|welche gruppen (?:habe ich|gibt es)`),
    toLine: WRITE.listGroups,
  },
  {
    pattern: sentence(
      `who(?:'s| is)(?: else)? ${ONLINE}|${SHOW}(?: my| the| our| other){0,2} agents|(?:what|which)(?: other)? agents are ${ONLINE}`,
    ),
    toLine: WRITE.listAgents,
  },
  {
    pattern: sentence(
      `wer ist ${VERBUNDEN}|${ZEIGE}(?: die| anderen){0,2} agenten(?: auf)?|welche agenten (?:gibt es|sind ${VERBUNDEN})`,
    ),
    toLine: WRITE.listAgents,
  },
  { pattern: sentence('show(?: me)? (?<group>.+)'), toLine: withGroup(WRITE.showGroup) },
  { pattern: sentence('zeige?(?: mir)? (?<group>.+)'), toLine: withGroup(WRITE.showGroup) },
]
