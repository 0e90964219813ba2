import { execFile } from 'node:child_process'
import { appendFile, chmod, cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bootMachine, type Container, type Ran } from './container.ts'
import { needProgram } from './debian.ts'
import { makeRoot, removeRoot } from './machine-root.ts'
import { openNetwork } from './network.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NAME = 'hub.example.com'
/** What a checkout is made of. */
const CODE = ['shared', 'hub', 'agent', 'deploy']
const FILES = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'LICENSE', '.env.example']
/** What pnpm does for a script of package.json; the registry cannot be reached from inside. */
const PNPM = '#!/bin/sh\n[ "$1" != -s ] || shift\nscript=$1\nshift\nexec node --run "$script" -- "$@"\n'
/** Whose certificates Caddy uses is all that is added to its file. */
const CADDY = `{
  local_certs
  skip_install_trust
  pki {
    ca local {
      root {
        cert /etc/authority.crt
        key /etc/authority.key
      }
    }
  }
}
import /etc/caddy/Caddyfile
`
const CADDY_UNIT =
  '[Service]\nExecStart=\nExecStart=/usr/bin/caddy run --config /etc/caddy-of-test --adapter caddyfile\n'
/** Keeps the folder and the variables of a shell for its next block. */
const toScript = (block: string): string => `set -a
cd; [ ! -e ~/.state ] || . ~/.state
${block}
{ export -p; echo "cd '$PWD'"; } > ~/.state
`

const makeAuthority = async (root: string): Promise<string> => {
  const [cert, key] = ['crt', 'key'].map((end) => join(root, `etc/authority.${end}`))
  const extensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'].flatMap(
    (extension) => ['-addext', extension],
  )
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await run(needProgram('openssl', 'openssl'), [
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=Test',
    ...extensions,
    '-keyout',
    key ?? '',
    '-out',
    cert ?? '',
  ])
  await chmod(key ?? '', 0o644)
  return cert ?? ''
}

/** The two machines that a README speaks of, as they are before its first line. */
export interface Rehearsal extends AsyncDisposable {
  /** Runs a block on the VPS, inside. */
  readonly onVps: (block: string) => Promise<Ran>
  /** Runs a block with its root in `DESTDIR`, where the registry can be reached. */
  readonly intoVps: (block: string) => Promise<Ran>
  /** Changes the code of its checkout, as a pull would. */
  readonly changeVps: () => Promise<void>
  readonly atHome: (block: string) => Promise<Ran>
  /** Runs a block that goes on, and resolves when its output has a word. */
  readonly keepAtHome: (block: string, word: string) => Promise<void>
  /** Ends what goes on at home and makes its checkout new. */
  readonly clearHome: () => Promise<void>
}

const layOutVps = async (root: string): Promise<string> => {
  const checkout = join(root, 'root/ai-comms')
  await mkdir(checkout, { recursive: true })
  for (const name of FILES) await cp(join(ROOT, name), join(checkout, name))
  const filter = (path: string) => !path.endsWith('node_modules')
  for (const name of CODE) await cp(join(ROOT, name), join(checkout, name), { recursive: true, filter })
  for (const name of ['caddy', 'nginx'])
    await cp(join('/etc', name), join(root, 'etc', name), { recursive: true, verbatimSymlinks: true })
  const authority = await makeAuthority(root)
  await writeFile(join(root, 'etc/caddy-of-test'), CADDY)
  await mkdir(join(root, 'etc/systemd/system/caddy.service.d'), { recursive: true })
  await writeFile(join(root, 'etc/systemd/system/caddy.service.d/test.conf'), CADDY_UNIT)
  const letsEncrypt = join(root, 'etc/letsencrypt/live', NAME)
  await mkdir(letsEncrypt, { recursive: true })
  await cp(authority, join(letsEncrypt, 'fullchain.pem'))
  await cp(join(root, 'etc/authority.key'), join(letsEncrypt, 'privkey.pem'))
  for (const folder of ['var/log/nginx', 'var/lib/nginx', 'var/lib/caddy', 'var/www/html']) {
    await mkdir(join(root, folder), { recursive: true })
    await chmod(join(root, folder), 0o777)
  }
  return authority
}

const layOutHome = async (root: string): Promise<string[]> => {
  await mkdir(join(root, 'root/ai-comms'), { recursive: true })
  await writeFile(join(root, 'usr/local/bin/pnpm'), PNPM, { mode: 0o755 })
  const seen = [...CODE, ...FILES, 'node_modules'].map((name) => `${join(ROOT, name)}:/root/ai-comms/${name}`)
  return [...seen, `${process.execPath}:/usr/local/bin/node`]
}

const runOutside = (root: string, block: string): Promise<Ran> =>
  new Promise((resolve) => {
    const real = homedir()
    const caches = {
      npm_config_cache: join(real, '.npm'),
      npm_config_userconfig: join(real, '.npmrc'),
      XDG_DATA_HOME: join(real, '.local/share'),
    }
    const env = { ...process.env, ...caches, HOME: join(root, 'root'), DESTDIR: root }
    const argv = ['-euo', 'pipefail', '-c', `exec 2>&1\n${block}`]
    execFile('bash', argv, { cwd: join(root, 'root'), env }, (error, out) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out })
    })
  })

/** Keeps the process group of each block that goes on, to end it by. */
const toLasting = (block: string, log: string): string => `setsid bash -c "$(cat <<'BLOCK'
${block}
BLOCK
)" > ${log} 2>&1 < /dev/null &
echo $! >> ~/.groups`

const CLEAR = `for group in $(cat ~/.groups 2>/dev/null); do
  kill -- "-$group" 2>/dev/null || continue
  while kill -0 -- "-$group" 2>/dev/null; do sleep 0.05; done
done
rm -rf ~/.groups ~/.state ~/*.log ~/ai-comms/.env ~/ai-comms/.env.[!e]* ~/ai-comms/data
echo 'cd ~/ai-comms' > ~/.state`

const openHome = (home: Container) => {
  let count = 0
  const atHome = (block: string) => home.sh(toScript(block))
  return {
    atHome,
    keepAtHome: async (block: string, word: string) => {
      count += 1
      const log = `~/${count}.log`
      const ran = await atHome(toLasting(block, log))
      if (ran.code !== 0) throw new Error(ran.out)
      await home.until(['sh', '-c', `grep -q '${word}' ${log} || { tail -3 ${log}; exit 1; }`])
    },
    clearHome: async () => {
      const { code, out } = await home.sh(CLEAR)
      if (code !== 0) throw new Error(`The home cannot be cleared: ${out}`)
    },
  }
}

/** Lays out and boots both machines on a network of their own; they are gone with the test. */
export const openRehearsal = async (): Promise<Rehearsal> => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'rehearsal-'))
  stack.defer(() => removeRoot(folder))
  const [vpsRoot, homeRoot] = [join(folder, 'vps'), join(folder, 'home')]
  const { hosts } = stack.use(await openNetwork(2))
  for (const root of [vpsRoot, homeRoot]) await makeRoot(root)
  const authority = await layOutVps(vpsRoot)
  const readOnlyBinds = await layOutHome(homeRoot)
  const certificates = 'etc/ssl/certs/ca-certificates.crt'
  for (const root of [vpsRoot, homeRoot]) {
    await run('sh', ['-c', 'cat "$1" >> "$2"', 'sh', authority, join(root, certificates)])
    await appendFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${hosts[0]?.address} ${NAME}\n`)
  }
  const vps = stack.use(await bootMachine({ root: vpsRoot, hostname: 'vps', network: hosts[0]?.path ?? '' }))
  const env = { NODE_EXTRA_CA_CERTS: `/${certificates}` }
  const home = stack.use(
    await bootMachine({ root: homeRoot, hostname: 'home', network: hosts[1]?.path ?? '', readOnlyBinds, env }),
  )
  const parts = stack.move()
  return {
    onVps: (block) => vps.sh(toScript(block)),
    intoVps: (block) => runOutside(vpsRoot, block),
    changeVps: () => writeFile(join(vpsRoot, 'root/ai-comms/hub/src/pulled.ts'), 'export const pulled = true\n'),
    ...openHome(home),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
