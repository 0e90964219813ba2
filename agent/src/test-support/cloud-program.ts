import { CLOUD_BOUNDS } from '../adapters/cloud-api/cloud-parts.ts'
import { openCloudApi } from '../adapters/cloud-api/open-cloud-api.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { toCloudSettings } from './set-up-cloud.ts'

/**
 * A program that answers every message with its own words: `node cloud-program.ts <folder> <graph> <doubtMs> <workMs>`. It
 * writes the port of its webhook, and a line for every event.
 */
const [dataDir = '', graph = '', doubtMs = '0', workMs = '0'] = process.argv.slice(2)

const write = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

const messenger = await openCloudApi({
  settings: toCloudSettings(new URL(graph)),
  ...{ dataDir, agent: 'Atlas', clock: systemClock, observe: write },
  admission: { allowed: undefined, blocked: new Set(), admins: new Set() },
  bounds: { courier: { ...CLOUD_BOUNDS.courier, doubtMs: Number(doubtMs), retryMsMin: 10 } },
})

await messenger.start({
  receiveMessage: async ({ id, chat, text, isResumed }) => {
    write({ type: 'test.brought', text, isResumed: isResumed === true })
    await new Promise((resolve) => setTimeout(resolve, Number(workMs)))
    await messenger.send(chat, `re: ${text}`, { answers: id })
    return 'finished'
  },
})
