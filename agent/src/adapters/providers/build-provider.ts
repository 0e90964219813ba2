import type { Clock, Provider } from '../../core/ports.ts'
import type { ProviderSettings } from './catalog.ts'

/** A provider that can be asked. Only the SDK that it needs is loaded: each costs a tenth of a second at the start. */
export const buildProvider = async (settings: ProviderSettings, clock: Clock): Promise<Provider> => {
  switch (settings.row.dialect) {
    case 'openai': {
      const { OpenAiCompatible } = await import('./openai-compatible.ts')
      return new OpenAiCompatible(settings, clock)
    }
    case 'anthropic': {
      const { AnthropicProvider } = await import('./anthropic.ts')
      return new AnthropicProvider(settings, clock)
    }
    case 'command': {
      const { CommandProvider } = await import('./command.ts')
      return new CommandProvider(settings, clock)
    }
    case 'echo': {
      const { EchoProvider } = await import('./echo.ts')
      return new EchoProvider()
    }
  }
}
