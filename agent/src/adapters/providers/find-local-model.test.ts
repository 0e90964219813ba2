import { describe, expect, it } from 'vitest'
import { refuse, startVendor } from '../../test-support/vendor-server.ts'
import { findRow } from './catalog.ts'
import { findLocalModel, findLocalModels } from './find-local-model.ts'

describe('a model server on this machine', () => {
  it('is found with its models', async () => {
    await using vendor = await startVendor(
      refuse(200, { object: 'list', data: [{ id: 'llama3.2:latest' }, { id: 'phi' }] }),
    )
    expect(await findLocalModels(`${vendor.url}/v1`)).toEqual(['llama3.2:latest', 'phi'])
    expect(vendor.requests[0]?.path).toBe('/v1/models')
  })

  it('has none when it says null', async () => {
    await using vendor = await startVendor(refuse(200, { object: 'list', data: null }))
    expect(await findLocalModels(vendor.url)).toEqual([])
  })

  it.each([
    ['phi', 'phi'],
    ['llama3.2', 'llama3.2:latest'],
    ['llama3', 'first'],
  ])('is asked for %s by its whole name, or by its first one', async (model, chosen) => {
    const models = ['first', 'llama3.2:latest', 'phi'].map((id) => ({ id }))
    await using vendor = await startVendor(refuse(200, { object: 'list', data: models }))
    expect(await findLocalModel({ row: findRow('ollama'), model, baseUrl: vendor.url })).toBe(chosen)
  })

  it('is none when it is something else, or nothing', async () => {
    await using other = await startVendor((response) => void response.end('<html>'))
    expect(await findLocalModels(other.url)).toBeUndefined()
    expect(await findLocalModels('http://127.0.0.1:9')).toBeUndefined()
  })
})
