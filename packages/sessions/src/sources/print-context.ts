import type { SourceHooks } from './hook-event.js'

/**
 * What a hook prints in a CLI that takes context for the events named: one line of JSON with no key that any CLI would
 * not know. All other events are answered with silence, which every CLI takes for consent.
 */
export function printContext(events: readonly string[]): SourceHooks['print'] {
  return ({ event, agent }, { context, notice }) => {
    if (agent !== undefined || !events.includes(event) || !(context || notice)) return ''
    return JSON.stringify({
      ...(notice ? { systemMessage: notice } : {}),
      ...(context ? { hookSpecificOutput: { hookEventName: event, additionalContext: context } } : {}),
    })
  }
}
