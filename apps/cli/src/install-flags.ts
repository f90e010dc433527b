import { GobbyError } from '@gobby/sessions'
import type { Scope } from '@gobby/sessions/install'
import * as Flags from '@oclif/core/flags'

/** What install and uninstall have in common. */
export const installFlags = (what: { source: string; scope: string; dry_run: string }) => ({
  source: Flags.string({ description: what.source, helpValue: '<name,…>' }),
  scope: Flags.string({ description: what.scope, helpValue: 'user|project' }),
  'dry-run': Flags.boolean({ description: what.dry_run }),
})

/** `claude,codex`. */
export function namesIn(source: string | undefined): string[] | undefined {
  return source === undefined ? undefined : source.split(',').map((name) => name.trim()).filter((name) => name !== '')
}

/** @throws GobbyError `invalid` */
export function scopeIn(scope: string | undefined): Scope | undefined {
  if (scope === undefined || scope === 'user' || scope === 'project') return scope
  throw new GobbyError('invalid', `--scope is "user" or "project", not ${JSON.stringify(scope)}.`)
}
