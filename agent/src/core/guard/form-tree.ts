/** One place of the tree: what may come next, and whether a form ends here. */
interface Node {
  readonly next: Map<number, Node>
  isEnd: boolean
}

const createNode = (): Node => ({ next: new Map(), isEnd: false })

/** Many texts that are looked for at once, in one walk. */
export class FormTree {
  readonly #root = createNode()
  /** Whether any form begins with a character: most places of most texts are left at once. */
  readonly #begins = new Uint8Array(65_536)

  constructor(forms: Iterable<string>) {
    for (const form of forms) if (form !== '') this.#add(form)
  }

  /** Whether one of them stands in a text. */
  isIn(text: string): boolean {
    for (let from = 0; from < text.length; from += 1) {
      if (this.#begins[text.charCodeAt(from)] === 1 && this.#endOf(text, from)?.isEnd === true) return true
    }
    return false
  }

  /** From where on the end of a text may be the beginning of one of them; the length of the text when it is none. */
  openAt(text: string): number {
    for (let from = 0; from < text.length; from += 1) {
      if (this.#begins[text.charCodeAt(from)] === 1 && this.#endOf(text, from) !== undefined) return from
    }
    return text.length
  }

  /** The place at which a form ends, or the text does; undefined where the text goes on to no form. */
  #endOf(text: string, from: number): Node | undefined {
    let node: Node | undefined = this.#root
    for (let at = from; at < text.length && node?.isEnd === false; at += 1) node = node.next.get(text.charCodeAt(at))
    return node
  }

  #add(form: string): void {
    let node = this.#root
    for (let at = 0; at < form.length; at += 1) {
      const code = form.charCodeAt(at)
      const next = node.next.get(code) ?? createNode()
      node.next.set(code, next)
      node = next
    }
    node.isEnd = true
    this.#begins[form.charCodeAt(0)] = 1
  }
}
