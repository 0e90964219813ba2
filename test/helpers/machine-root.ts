import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const SETTINGS = ['passwd', 'group', 'shadow', 'nsswitch.conf', 'ld.so.cache', 'alternatives', 'ssl/certs']
const FOLDERS = [
  'etc/ssl',
  'opt',
  'proc',
  'root',
  'run',
  'sys',
  'tmp',
  'dev',
  'usr/local/bin',
  'var/lib',
  'var/log/journal',
]

/** Lays out the root folder of a new machine: Debian as it is here, with nothing in its `/opt`, `/var` and `/home`. */
export const makeRoot = async (root: string): Promise<void> => {
  await mkdir(root, { recursive: true })
  // Whoever is not root inside has to come through
  await chmod(root, 0o755)
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name))
  for (const name of SETTINGS) {
    await cp(join('/etc', name), join(root, 'etc', name), { recursive: true, verbatimSymlinks: true })
  }
  await cp('/usr/lib/os-release', join(root, 'etc/os-release'))
  await writeFile(join(root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`)
}

/** Removes what {@link makeRoot} laid out. */
export const removeRoot = (root: string): Promise<void> => rm(root, { recursive: true, force: true })
