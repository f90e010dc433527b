/** Reads a live stream as it comes. */
export class EventReader {
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly events: any[] = []
  text = ''
  ended = false
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(response: Response) {
    this.#reader = response.body?.getReader()
    void this.#read()
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for (let part = await this.#reader?.read(); part && !part.done; part = await this.#reader?.read()) {
        const text = decoder.decode(part.value, { stream: true })
        this.text += text
        const blocks = `${rest}${text}`.split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
          if (fields.data) this.events.push({ ...JSON.parse(fields.data), sse_id: Number(fields.id), sse_event: fields.event })
        }
      }
    } catch {
      // The other end went away.
    }
    this.ended = true
  }

  async close(): Promise<void> {
    await this.#reader?.cancel()
  }
}
