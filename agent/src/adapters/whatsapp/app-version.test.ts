import { describe, expect, it } from 'vitest'
import { useFolder } from '../../test-support/folder.ts'
import { AppVersion, parseVersion, type VersionSources } from './app-version.ts'
import { openWhatsAppStore } from './database.ts'
import { Settings } from './settings.ts'
import type { WebVersion } from './whatsapp-parts.ts'

const version = (revision: number): WebVersion => [2, 3_000, revision]
const find = (sources: Partial<VersionSources>) =>
  new AppVersion({
    configured: undefined,
    fetchNewest: async () => undefined,
    findKept: () => undefined,
    builtIn: version(1),
    ...sources,
  }).find()

describe('the version of WhatsApp Web', () => {
  it('is the one that is configured, else the newest, else the last good one, else that of Baileys', async () => {
    const fetchNewest = async () => version(3)
    const findKept = () => version(2)
    expect(await find({ configured: version(4), fetchNewest, findKept })).toEqual({
      version: version(4),
      source: 'configured',
    })
    expect(await find({ fetchNewest, findKept })).toEqual({ version: version(3), source: 'web' })
    expect(await find({ findKept })).toEqual({ version: version(2), source: 'kept' })
    expect(await find({})).toEqual({ version: version(1), source: 'built-in' })
  })

  it('is asked for once, and again when it was too old', async () => {
    let asked = 0
    const versions = new AppVersion({
      configured: undefined,
      fetchNewest: async () => {
        asked += 1
        return version(asked)
      },
      findKept: () => undefined,
      builtIn: version(0),
    })
    await versions.find()
    expect((await versions.find()).version).toEqual(version(1))
    versions.refresh()
    expect((await versions.find()).version).toEqual(version(2))
  })

  it('is no longer the configured one when that is refused', async () => {
    const versions = new AppVersion({
      configured: version(1),
      fetchNewest: async () => version(2),
      findKept: () => undefined,
      builtIn: version(0),
    })
    expect((await versions.find()).source).toBe('configured')
    versions.refresh()
    expect((await versions.find()).source).toBe('web')
  })

  it.each([
    ['2.3000.1043857760', [2, 3_000, 1_043_857_760]],
    ['2.3000', undefined],
    ['2.3000.x', undefined],
    ['2.3000.1.1', undefined],
  ])('is written as %s', (text, expected) => {
    expect(parseVersion(text)).toEqual(expected)
  })

  it('is kept once WhatsApp let it in', () => {
    using folder = useFolder()
    const database = openWhatsAppStore(folder.path)
    expect(new Settings(database).findVersion()).toBeUndefined()
    new Settings(database).saveVersion(version(7))
    expect(new Settings(database).findVersion()).toEqual(version(7))
    database.close()
  })
})
