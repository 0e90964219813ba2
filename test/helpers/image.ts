import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ContainerOptions, runInContainer } from './container.ts'
import { readDockerIgnore } from './docker-ignore.ts'
import { type Instruction, readDockerfile, readEnvInstruction, readExecForm, type Stage } from './dockerfile.ts'
import { makeRoot, removeRoot } from './machine-root.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The user that the image of Node brings along. */
const NODE_USER = 1000
/** Debian's own list, which the base of every root has, too. */
const SYSTEM_CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const STORE = join(process.env['HOME'] ?? '/root', '.local/share/pnpm/store')
const HEALTHCHECK = /^(?<flags>(?:--\S+ )+)CMD (?<command>\[.*\])$/

/** What an image says of itself, and where its files are. */
export interface Image extends AsyncDisposable {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  readonly user: string
  readonly volumes: readonly string[]
  readonly stopSignal: string
  readonly entrypoint: readonly string[]
  readonly healthcheck: readonly string[]
}

type Draft = { -readonly [Key in Exclude<keyof Image, symbol>]: Image[Key] }

/** Node as it is here in the place where its image has it, and npm, which Debian's path has. */
const toBase = (root: string): Pick<ContainerOptions, 'root' | 'readOnlyBinds'> => ({
  root,
  readOnlyBinds: [`${process.execPath}:/usr/local/bin/node`],
})

const copy = async (from: string, target: string, filter: (path: string) => boolean): Promise<void> => {
  await cp(from, target, { recursive: true, verbatimSymlinks: true, filter })
}

/** Performs the instructions of a Dockerfile as Docker's builder does, each stage in a root folder of its own. */
class Build {
  readonly #stages = new Map<string, Draft>()
  readonly #context: string
  readonly #isSent: (path: string) => boolean
  readonly #folder: string

  constructor(context: string, isSent: (path: string) => boolean, folder: string) {
    this.#context = context
    this.#isSent = isSent
    this.#folder = folder
  }

  async perform(stage: Stage, at: number): Promise<Draft> {
    const root = join(this.#folder, `stage-${at}`)
    await makeRoot(root)
    await appendFile(join(root, 'etc/passwd'), `node:x:${NODE_USER}:${NODE_USER}::/tmp:/bin/sh\n`)
    await appendFile(join(root, 'etc/group'), `node:x:${NODE_USER}:\n`)
    const draft: Draft = {
      root,
      env: {},
      folder: '/',
      user: 'root',
      volumes: [],
      stopSignal: 'SIGTERM',
      entrypoint: [],
      healthcheck: [],
    }
    for (const instruction of stage.instructions) await this.#step(draft, instruction)
    if (stage.as !== undefined) this.#stages.set(stage.as, draft)
    return draft
  }

  async #step(draft: Draft, { name, text }: Instruction): Promise<void> {
    switch (name) {
      case 'WORKDIR':
        draft.folder = text
        await mkdir(join(draft.root, text), { recursive: true })
        return
      case 'RUN':
        await this.#run(draft, text)
        return
      case 'COPY':
        await this.#copy(draft, text.split(/\s+/))
        return
      case 'ENV':
        draft.env = { ...draft.env, ...readEnvInstruction(text) }
        return
      case 'USER':
        draft.user = text
        return
      case 'VOLUME':
        draft.volumes = readExecForm(text)
        return
      case 'STOPSIGNAL':
        draft.stopSignal = text
        return
      case 'ENTRYPOINT':
        draft.entrypoint = readExecForm(text)
        return
      case 'HEALTHCHECK':
        draft.healthcheck = readExecForm(HEALTHCHECK.exec(text)?.groups?.['command'] ?? '')
        return
      case 'EXPOSE':
        return
      default:
        throw new Error(`Nobody performs ${name} here`)
    }
  }

  async #run({ root, env, folder }: Draft, script: string): Promise<void> {
    // a build trusts whom this machine trusts: the registry may be behind a proxy with a root of its own
    const certificates = process.env['NODE_EXTRA_CA_CERTS'] ?? SYSTEM_CERTIFICATES
    await runInContainer({
      ...toBase(root),
      ...(existsSync(STORE) ? { binds: [`${STORE}:/root/.local/share/pnpm/store`] } : {}),
      env: { HOME: '/root', ...(existsSync(certificates) ? { NODE_EXTRA_CA_CERTS: certificates } : {}), ...env },
      folder,
      argv: ['/bin/sh', '-c', script],
    })
  }

  async #copy(draft: Draft, words: readonly string[]): Promise<void> {
    const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
    const paths = words.filter((word) => !word.startsWith('--'))
    const target = paths.at(-1) ?? ''
    for (const path of paths.slice(0, -1)) {
      const stage = from === undefined ? undefined : this.#stages.get(from)
      if (from !== undefined && stage === undefined) throw new Error(`There is no stage ${from}`)
      const source = join(stage?.root ?? this.#context, path)
      const isFolder = (await stat(source)).isDirectory()
      const place = join(draft.root, target.startsWith('/') ? '' : draft.folder, target)
      const name = !isFolder && target.endsWith('/') ? (path.split('/').at(-1) ?? '') : ''
      const isSent = (file: string) =>
        stage !== undefined || file === source || this.#isSent(relative(this.#context, file))
      if (stage === undefined && !this.#isSent(path)) throw new Error(`.dockerignore leaves ${path} out`)
      await copy(source, join(place, name), isSent)
    }
  }
}

/** Builds an image from a Dockerfile and a folder, as `docker build` would; it is gone with the test. */
export const buildImage = async (dockerfile: string, context: string = ROOT): Promise<Image> => {
  const folder = await mkdtemp(join(tmpdir(), 'image-'))
  const dispose = () => removeRoot(folder)
  try {
    const isSent = readDockerIgnore(await readFile(join(context, '.dockerignore'), 'utf8'))
    const build = new Build(context, isSent, folder)
    let draft: Draft | undefined
    for (const [at, stage] of readDockerfile(join(context, dockerfile)).entries())
      draft = await build.perform(stage, at)
    if (draft === undefined) throw new Error(`${dockerfile} has no stage`)
    return { ...draft, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** How to run an image as Docker would: as its user, on a root that nobody can write to, with a folder for its data. */
export const toContainer = (image: Image, data: string, env: Readonly<Record<string, string>>): ContainerOptions => ({
  ...toBase(image.root),
  binds: image.volumes.map((volume) => `${data}:${volume}`),
  env: { ...image.env, ...env },
  folder: image.folder,
  user: image.user,
  isReadOnly: true,
  argv: image.entrypoint,
})
