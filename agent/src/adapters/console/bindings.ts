import type { Key } from 'node:readline'
import { EDITS, type Edit, insert } from './draft.ts'

/** What a key asks for besides an edit. */
export type Wish = 'submit' | 'interrupt' | 'end' | 'older' | 'newer' | 'clear' | 'suspend'

/** Keys as they are written in help texts; `C-` is Ctrl, `M-` is Alt. */
const WISHES: Readonly<Record<string, Wish>> = {
  return: 'submit',
  enter: 'submit',
  'C-c': 'interrupt',
  'C-d': 'end',
  up: 'older',
  down: 'newer',
  'C-p': 'older',
  'C-n': 'newer',
  'C-l': 'clear',
  'C-z': 'suspend',
}

const BOUND_EDITS: Readonly<Record<string, Edit>> = {
  left: EDITS.left,
  right: EDITS.right,
  'C-b': EDITS.left,
  'C-f': EDITS.right,
  'C-left': EDITS.wordLeft,
  'C-right': EDITS.wordRight,
  'M-left': EDITS.wordLeft,
  'M-right': EDITS.wordRight,
  'M-b': EDITS.wordLeft,
  'M-f': EDITS.wordRight,
  home: EDITS.start,
  end: EDITS.end,
  'C-a': EDITS.start,
  'C-e': EDITS.end,
  backspace: EDITS.eraseBefore,
  'C-h': EDITS.eraseBefore,
  delete: EDITS.eraseAfter,
  'M-backspace': EDITS.cutWordBefore,
  'C-w': EDITS.cutBlankBefore,
  'M-d': EDITS.cutWordAfter,
  'C-u': EDITS.cutToStart,
  'C-k': EDITS.cutToEnd,
  'C-y': EDITS.putBack,
  'M-return': insert('\n'),
  'M-enter': insert('\n'),
}

const toName = (key: Key): string => `${key.ctrl ? 'C-' : ''}${key.meta ? 'M-' : ''}${key.name ?? ''}`

/** What a key asks for, if it is one that asks. */
export const findWish = (key: Key): Wish | undefined => WISHES[toName(key)]

/** The edit that a key is bound to. */
export const findEdit = (key: Key): Edit | undefined => BOUND_EDITS[toName(key)]

/** The text that a key stands for, if it stands for one. */
export const findText = (text: string | undefined, key: Key): string | undefined => {
  if (text === undefined || text === '' || key.ctrl || key.meta) return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character is no text, but for the tab
  return /^[\x00-\x08\x0a-\x1f\x7f-\x9f]/.test(text) ? undefined : text
}
