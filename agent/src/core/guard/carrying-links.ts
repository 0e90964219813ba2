import { tailAt } from './tail-at.ts'

/** What stands in the place of what was taken out. */
export const REDACTED = '[removed]'

/** Where the address of a link or an image in Markdown begins; what follows it may be a title. */
const INLINE = /\]\(\s{0,4}<?((?:https?:)?\/\/[^\s)>]+)(?:[>\s][^)\n]{0,200})?\)?/gi
/** Where a link is defined apart from the place that uses it, an image among others. */
const DEFINITION = /\]:[ \t]{0,4}<?((?:https?:)?\/\/[^\s>]+)>?/gi
const TAG = /<(?:img|iframe|script|link|object|embed|video|audio|source|form|meta|base)\b/i
const MARKUP = new RegExp(`${TAG.source}[^>]*>?`, 'gi')
const BARE = /\bhttps?:\/\/[^\s<>"'`)\]]+/gi

/** How far before its address an image can begin. */
const IMAGE_CHARS_MAX = 400
const URL_CHARS_MAX = 400
const QUERY_CHARS_MAX = 200
const VALUE_CHARS_MAX = 40
const WORD_CHARS_MAX = 60
/** A piece of the path, or of the host, that is no word. */
const LONG_PIECE = /\/[A-Za-z0-9+_=-]{80}|\/\/[^/]{0,200}[A-Za-z0-9_-]{40}/
const TEMPLATE = /\{\{|\$\{|%7b%7b/i

/** What no honest link says at this length can carry what was said. */
const carries = (url: string): boolean => {
  if (url.length > URL_CHARS_MAX || LONG_PIECE.test(url) || TEMPLATE.test(url)) return true
  const from = url.search(/[?#]/)
  if (from < 0) return false
  if (url.length - from > QUERY_CHARS_MAX) return true
  return url
    .slice(from + 1)
    .split(/[?#&;]/)
    .some((part) => {
      const value = part.slice(part.indexOf('=') + 1)
      return value.length >= (value === part ? WORD_CHARS_MAX : VALUE_CHARS_MAX)
    })
}

const mayBeImage = (text: string, to: number): boolean =>
  text.slice(Math.max(0, to - IMAGE_CHARS_MAX), to).includes('![')

/** A text without the links that carry away what was said. */
export const removeLinks = (text: string): string =>
  text
    .replace(INLINE, (link, url: string, at: number, whole: string) => {
      // an image is fetched by whoever shows the answer, unasked
      const isTaken = carries(url) || (/[?#]/.test(url) && mayBeImage(whole, at))
      return isTaken ? `] ${REDACTED}` : link
    })
    .replace(DEFINITION, (definition, url: string) =>
      carries(url) || url.includes('?') ? `]: ${REDACTED}` : definition,
    )
    .replace(MARKUP, (tag) => (/(?:src|href|action|url|data)\s{0,4}=/i.test(tag) ? REDACTED : tag))
    .replace(BARE, (url) => (carries(url) ? REDACTED : url))

/** What ends an address in brackets: a gap, `)` or `>`. */
const endsTarget = (code: number): boolean => code <= 32 || code === 41 || code === 62

const orEnd = (text: string, at: number): number => (at < 0 ? text.length : at)

/** An address whose end has not come yet, or a bracket after which one may come. */
const openTargetAt = (text: string): number => {
  const tail = tailAt(text, endsTarget)
  const inTail = text.slice(tail).search(/\](?:[(:]|$)/)
  if (inTail >= 0) return tail + inTail
  const before = text.slice(Math.max(0, tail - 8), tail).search(/\][(:]\s{0,4}$/)
  return orEnd(text, before < 0 ? -1 : Math.max(0, tail - 8) + before)
}

/** An image whose address has not come yet. */
const openImageAt = (text: string, target: number): number => {
  const image = text.lastIndexOf('![', target)
  if (image < 0 || target - image > IMAGE_CHARS_MAX) return text.length
  return target < text.length || !text.includes('](', image) ? image : text.length
}

const openTagAt = (text: string): number => {
  const tail = text.lastIndexOf('>') + 1
  const tag = text.slice(tail).search(TAG)
  if (tag >= 0) return tail + tag
  const last = text.lastIndexOf('<')
  return last >= tail && /^<[a-z]{0,6}$/i.test(text.slice(last)) ? last : text.length
}

/** From where on the end of a text may be the beginning of a link in brackets or of a tag. */
export const openLinkAt = (text: string): number => {
  const target = openTargetAt(text)
  return Math.min(target, openImageAt(text, target), openTagAt(text))
}
