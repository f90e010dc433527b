/** Why a file is left as it is: a reason to print, and what the person can do. */
export class Refusal extends Error {
  readonly hint: string

  constructor(reason: string, hint: string) {
    super(reason)
    this.hint = hint
  }
}
