import { call, type Context, MOST_AT_ONCE, type Operation } from '@gobby/sessions'
import { listSessions } from '@gobby/sessions/operations'
import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type { z } from 'zod'
import { describe, type Fields } from './flags.js'
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

  /** Says that there is more than was printed: also to who sends it on to `grep` or `wc`, but not to a script. */
  protected sayMore(sentence: string): void {
    if (this.surroundings.stderr.isTTY) this.say(this.screen.paint('dim', sentence))
  }

  /** The same for a list that has no pages, when it is as long as it may be. */
  protected sayIfFull(op: Operation, fields: Fields, flag: string, input: Record<string, unknown>, count: number): void {
    const field = fields[flag] as string
    const limit = (op.input.shape[field] as z.ZodType).parse(input[field])
    if (count !== limit) return
    this.sayMore(`${count} shown; there may be more${count < MOST_AT_ONCE ? `: ${this.again(flag, MOST_AT_ONCE)}` : '.'}`)
  }

  /** The same command with another value of a flag. */
  protected again(flag: string, value: string | number): string {
    const end = this.argv.indexOf('--')
    const words = end < 0 ? this.argv : this.argv.slice(0, end)
    const names = [flag, ...(this.ctor.flags[flag]?.aliases ?? [])].map((name) => `--${name}`)
    const at = words.findIndex((word) => names.includes(word.split('=')[0] as string))
    const others = at < 0 ? words : words.toSpliced(at, words[at]?.includes('=') ? 1 : 2)
    const rest = end < 0 ? [] : this.argv.slice(end)
    return [`gobby ${this.id?.replaceAll(':', ' ')}`, ...[...others, `--${flag}`, String(value), ...rest].map(quoteForShell)].join(' ')
  }

  /** All errors are reported in one place, by `main`. */
  protected override async catch(error: unknown): Promise<never> {
    throw error
  }
}
