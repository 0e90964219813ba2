import { describe, expect, it } from 'vitest'
import { FRAMED, setUpProvider } from '../../test-support/set-up-provider.ts'
import { anthropicWire } from '../../test-support/vendor-anthropic.ts'
import { after, answer } from '../../test-support/vendor-faults.ts'
import { startVendor } from '../../test-support/vendor-server.ts'

describe('Anthropic', () => {
  it('is asked as it wants to be asked', async () => {
    await using vendor = await startVendor(answer(anthropicWire))
    await (await setUpProvider('anthropic', vendor.url, { apiKey: 'sk-ant-key', tokensMax: 99 })).ask()
    const [request] = vendor.requests
    expect(request?.headers.authorization).toBe('Bearer sk-ant-key')
    expect(request?.body).toEqual({
      model: 'a-model',
      max_tokens: 99,
      system: 'You are Atlas.',
      messages: [{ role: 'user', content: expect.stringMatching(FRAMED) }],
      stream: true,
    })
  })

  it('says when the answer ended at the bound of its length', async () => {
    await using vendor = await startVendor(
      after(anthropicWire, ['Half'], (response) => void response.end(anthropicWire.end('length'))),
    )
    expect(await (await setUpProvider('anthropic', vendor.url)).ask()).toMatchObject({ text: 'Half', cutShort: true })
  })

  it.each([
    ['claude-sonnet-5-5', 10_000, { thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } }],
    ['claude-opus-4-6', 'max', { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }],
    ['claude-sonnet-4-5-20250929', 10_000, { thinking: { type: 'enabled', budget_tokens: 10_000 } }],
    ['claude-haiku-4-5', 'high', { thinking: { type: 'enabled', budget_tokens: 8_192 } }],
    ['claude-3-7-sonnet-20250219', 'low', { thinking: { type: 'enabled', budget_tokens: 2_048 } }],
  ] as const)('tells %s to think for %s in the way that it knows', async (model, thinking, told) => {
    await using vendor = await startVendor(answer(anthropicWire))
    await (await setUpProvider('claude-code', vendor.url, { model, thinking })).ask()
    expect(vendor.requests[0]?.body).toMatchObject({ ...told, max_tokens: 16_384 })
  })
})
