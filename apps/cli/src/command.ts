import { call, type Context, type Operation } from '@gobby/sessions'
import { listSessions } from '@gobby/sessions/operations'
import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type { z } from 'zod'
import { describe } from './flags.js'
import { openContext } from './open-context.js'
import { type Screen, screenOf } from './print/screen.js'
import { quoteForShell } from './print/text.js'
import { type Surroundings, surroundings } from './surroundings.js'

const { project_id } = listSessions.input.shape

export const json = Flags.boolean({ description: 'Print the whole answer as JSON' })
export const project = Flags.string({ char: 'p', description: describe(project_id), helpValue: '<name>' })
export const all = Flags.boolean({ char: 'a', description: 'All projects', exclusive: ['project'] })

/** The argument that names a session or a task, in the words of the operation. */
export function refArg(op: Operation, field: string, more: { multiple?: true } = {}) {
  // Read from stdin, a missing ref would keep a script waiting.
  return Args.string({ required: true, ignoreStdin: true, description: describe(op.input.shape[field] as z.ZodType), ...more })
}

/** `*` where a call is about all projects; what `--project` names is the context's business. */
export function scope(flags: { all?: boolean; project?: string }): { project_id?: '*' } {
  return flags.all || flags.project === '*' ? { project_id: '*' } : {}
}

/** What every command is made of: an operation's answer, printed. */
export abstract class GobbyCommand extends Command {
  protected get surroundings(): Surroundings {
    return surroundings()
  }

  protected get screen(): Screen {
    return screenOf(this.surroundings)
  }

  protected context(flags: { project?: string } = {}): Promise<Context> {
    return openContext(flags.project === '*' ? undefined : flags.project)
  }

  protected async answer<In extends z.ZodObject, Out extends z.ZodObject>(
    op: Operation<In, Out>,
    input: Record<string, unknown>,
    flags: { project?: string } = {},
  ): Promise<z.output<Out>> {
    return call(op, await this.context(flags), input)
  }

  protected print(text: string): void {
    this.surroundings.stdout.write(text)
  }

  protected printJson(answer: object): void {
    this.print(`${JSON.stringify(answer, null, 2)}\n`)
  }

  /** Says something that is not the answer itself. */
  protected say(sentence: string): void {
    this.surroundings.stderr.write(`${sentence}\n`)
  }

  /** Says what to type next: to a person only. */
  protected suggest(sentence: string): void {
    if (this.screen.terminal) this.say(this.screen.paint('dim', sentence))
  }

  /** The same command for the next page of a list. */
  protected nextPage(cursor: string): string {
    const at = this.argv.findIndex((word) => word === '--cursor' || word.startsWith('--cursor='))
    const words = at < 0 ? this.argv : this.argv.toSpliced(at, this.argv[at] === '--cursor' ? 2 : 1)
    return [`gobby ${this.id?.replaceAll(':', ' ')}`, ...words.map(quoteForShell), '--cursor', cursor].join(' ')
  }

  /** All errors are reported in one place, by `main`. */
  protected override async catch(error: unknown): Promise<never> {
    throw error
  }
}
