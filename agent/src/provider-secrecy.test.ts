import { describe, expect, it } from 'vitest'
import { startAgentProcess } from './test-support/agent-process.ts'
import { useFolder } from './test-support/folder.ts'
import { startScriptedHub } from './test-support/scripted-hub.ts'
import { refuse, startVendor } from './test-support/vendor-server.ts'

describe('an agent whose vendors and programs repeat secrets', () => {
  it('answers in its own words, and writes none of them into its log', async () => {
    const [first, second] = ['sk-recognisable-0123456789abcdef', 'sk-ant-recognisable-0123456789']
    using folder = useFolder()
    await using hub = await startScriptedHub()
    await using openai = await startVendor(
      refuse(401, { error: { message: `Incorrect API key provided: ${first}`, type: first, code: first } }),
    )
    await using anthropic = await startVendor(
      refuse(200, { type: 'error', error: { type: 'authentication_error', message: `bad ${second}` } }),
    )
    // Without the search path, which is so long under some shells that only its end would be told
    const script = `const { PATH, ...seen } = process.env; console.error('I saw ' + JSON.stringify(seen)); process.exit(7)`
    await using agent = startAgentProcess(folder, {
      AGENT_NAME: 'Atlas',
      AGENT_HUB_URL: hub.url,
      AGENT_HUB_SECRET: 'a-secret-of-the-hub',
      AGENT_LOG_LEVEL: 'debug',
      AI_PROVIDER: 'openai',
      AI_FALLBACK_PROVIDERS: 'anthropic,command',
      OPENAI_API_KEY: first,
      OPENAI_BASE_URL: openai.url,
      ANTHROPIC_API_KEY: second,
      ANTHROPIC_BASE_URL: anthropic.url,
      COMMAND_ARGV: JSON.stringify([process.execPath, '--eval', script]),
    })
    const side = await hub.connection()
    await side.next()
    side.welcome()
    side.task('t1', 'a private word')
    const { error } = await side.until('task-error')
    const told = `${error}${agent.stdout}${agent.stderr}`
    expect(told).toContain('exit 7: I saw {')
    for (const secret of [first, second, 'a-secret-of-the-hub', 'a private word']) expect(told).not.toContain(secret)
    expect(anthropic.requests).toHaveLength(1)
  })
})
