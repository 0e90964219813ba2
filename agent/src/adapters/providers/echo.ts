import type { Completion, CompletionOptions, Prompt, Provider } from '../../core/ports.ts'

/**
 * Answers with the message itself, so that hub, link and agent can be tried without an account. It says that it is no
 * intelligence: an answer that looks like one would be a trap.
 */
export class EchoProvider implements Provider {
  readonly name = 'echo'
  readonly model = 'echo'

  /** Never fails. */
  async complete(prompt: Prompt, options: CompletionOptions): Promise<Completion> {
    const text = [
      'This is an echo: no AI provider is configured for this agent. Set OPENAI_API_KEY or ANTHROPIC_API_KEY, or AI_PROVIDER=ollama with OLLAMA_MODEL, to get real answers.',
      '',
      `Your message: ${prompt.turns.at(-1)?.text ?? ''}`,
    ].join('\n')
    options.onText(text)
    return { text, cutShort: false, usage: { inputTokens: 0, outputTokens: 0 } }
  }
}
