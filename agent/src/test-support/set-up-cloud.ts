import type { CloudBounds, CloudEvent, CloudMessenger, CloudSettings } from '../adapters/cloud-api/open-cloud-api.ts'
import { openCloudApi } from '../adapters/cloud-api/open-cloud-api.ts'
import type { AdmissionRules } from '../core/admission.ts'
import type { InboundMessage } from '../core/message.ts'
import type { MessageEnd } from '../core/messenger.ts'
import { type DeliveryFacts, sign, toDelivery } from './cloud-deliveries.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { useFolder } from './folder.ts'
import { GRAPH_ACCOUNT, type GraphServer, startGraph } from './graph-server.ts'
import { Queue } from './queue.ts'

/** What Meta and the webhook share in tests. */
export const CLOUD_SECRETS = { appSecret: '0123456789abcdef0123456789abcdef', verifyToken: 'a-word-that-meta-says' }

/** How a test's messenger differs from the usual. */
export interface CloudSetup {
  readonly admission?: Partial<Pick<AdmissionRules, 'allowed' | 'blocked' | 'admins'>>
  readonly bounds?: Partial<CloudBounds>
  readonly settings?: Partial<CloudSettings>
  /** For the jitter; 0 unless set, so that each wait is the shortest. */
  readonly random?: () => number
}

/** Settings that reach a server of the test. */
export const toCloudSettings = (graphUrl: URL): CloudSettings => ({
  phoneNumberId: GRAPH_ACCOUNT.phoneNumberId,
  accessToken: GRAPH_ACCOUNT.accessToken,
  ...CLOUD_SECRETS,
  ...{ webhookPort: 0, webhookHost: '127.0.0.1', webhookPath: '/webhooks/whatsapp' },
  ...{ graphUrl, graphVersion: GRAPH_ACCOUNT.version },
})

/** One life of a messenger, from its start to its stop, and what it brings. */
export class CloudLife {
  readonly messenger: CloudMessenger
  readonly clock: FakeClock
  readonly events: CloudEvent[] = []
  /** Events as they come. */
  readonly happened = new Queue<CloudEvent>()
  readonly received: InboundMessage[] = []
  /** Messages as they are brought. */
  readonly brought = new Queue<InboundMessage>()
  /** What is done with a message; it is finished at once unless set. */
  work: (message: InboundMessage) => Promise<MessageEnd> = async () => 'finished'

  constructor(messenger: CloudMessenger, clock: FakeClock) {
    this.messenger = messenger
    this.clock = clock
  }

  get url(): string {
    return `http://127.0.0.1:${this.messenger.webhookPort}/webhooks/whatsapp`
  }

  observe(event: CloudEvent): void {
    this.events.push(event)
    this.happened.push(event)
  }

  async start(): Promise<void> {
    await this.messenger.start({
      receiveMessage: (message) => {
        this.received.push(message)
        this.brought.push(message)
        return this.work(message)
      },
    })
  }

  /** Knocks at the webhook with a body. */
  post(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
    const signed = { 'x-hub-signature-256': sign(body, CLOUD_SECRETS.appSecret) }
    const bytes = typeof body === 'string' ? body : new Uint8Array(body)
    return fetch(this.url, { method: 'POST', body: bytes, headers: { ...signed, ...headers } })
  }

  /** Delivers as Meta does; the HTTP status. */
  async deliver(facts: DeliveryFacts): Promise<number> {
    const { status } = await this.post(JSON.stringify(toDelivery(facts)))
    return status
  }

  /** The next event of a type; those before it are let go. */
  async until<Type extends CloudEvent['type']>(type: Type): Promise<Extract<CloudEvent, { type: Type }>> {
    return this.happened.until((event): event is Extract<CloudEvent, { type: Type }> => event.type === type)
  }

  /** Events of a type so far. */
  seen<Type extends CloudEvent['type']>(type: Type): Extract<CloudEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<CloudEvent, { type: Type }> => event.type === type)
  }

  /** Lets time pass, and what is due begin. */
  async pass(ms: number): Promise<void> {
    this.clock.pass(ms)
    await settle()
  }
}

/** A Graph API, a folder, and messengers that live in it one after the other. */
export const useCloud = async (setup: CloudSetup = {}) => {
  const folder = useFolder()
  const graph: GraphServer = await startGraph()
  const clock = new FakeClock()
  const lives: CloudLife[] = []
  const open = async (more: CloudSetup = {}): Promise<CloudLife> => {
    const { admission, bounds, settings, random = () => 0 } = { ...setup, ...more }
    const messenger = await openCloudApi({
      settings: { ...toCloudSettings(graph.url), ...settings },
      dataDir: folder.path,
      agent: 'Atlas',
      admission: { allowed: undefined, blocked: new Set(), admins: new Set(), ...admission },
      clock,
      observe: (event) => life.observe(event),
      random,
      ...(bounds ? { bounds } : {}),
    })
    const life: CloudLife = new CloudLife(messenger, clock)
    lives.push(life)
    return life
  }
  return {
    ...{ clock, folder, graph, open },
    /** Opens a messenger and starts it. */
    start: async (more?: CloudSetup): Promise<CloudLife> => {
      const life = await open(more)
      await life.start()
      return life
    },
    [Symbol.asyncDispose]: async () => {
      for (const { messenger } of lives) await messenger.stop()
      await graph[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}
